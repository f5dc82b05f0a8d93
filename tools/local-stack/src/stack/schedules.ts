import { readSchedule, startSchedules, type Schedule } from '@sluice/local-eventbridge';
import type { TemplateResolver } from '@sluice/local-cloudformation';
import { RunOnChange } from './run-on-change';
import { isStateMachine, type StartTarget } from './targets';

export interface SchedulesOptions {
  readonly resolver: TemplateResolver;
  readonly startTarget: StartTarget;
  /** Called with the error of a failed run. */
  readonly warn: (name: string, error: unknown) => void;
  /** True where a table is compacted soon after new files arrived, in addition to its schedule. */
  readonly runsOnChange: boolean;
}

export interface StackSchedules {
  /** Runs the schedule of a table soon, if the stack compacts on change. */
  changed(table: string): void;
  /** Resolves when no table is waiting. */
  settle(): Promise<void>;
  /** Runs the scheduled functions now, one after another. @throws Error where one fails */
  runFunctions(): Promise<void>;
  close(): Promise<void>;
}

/** Runs the schedules of the templates when they are due. */
export function startStackSchedules({
  resolver,
  startTarget,
  warn,
  runsOnChange,
}: SchedulesOptions): StackSchedules {
  const schedules = resolver.resources('AWS::Scheduler::Schedule').map(readSchedule);
  const start = (
    { targetArn: arn, roleArn, payload }: Schedule,
    scheduledMs: number,
  ): Promise<void> => startTarget({ arn, roleArn }, payload(scheduledMs));
  const run = (schedule: Schedule, scheduledMs: number): Promise<void> =>
    start(schedule, scheduledMs).catch((error: unknown) => warn(schedule.name, error));
  const end = startSchedules(schedules, (schedule, scheduledMs) => void run(schedule, scheduledMs));
  const onChange = new RunOnChange({
    run: async (table) => {
      const scheduled = schedules.find(({ payload }) => tableOf(payload(Date.now())) === table);
      if (scheduled) await run(scheduled, Date.now());
    },
  });
  return {
    changed: (table) => {
      if (runsOnChange) onChange.changed(table);
    },
    settle: () => onChange.settle(),
    runFunctions: async () => {
      for (const schedule of schedules)
        if (!isStateMachine(schedule.targetArn)) await start(schedule, Date.now());
    },
    close: async () => {
      end();
      await onChange.stop();
    },
  };
}

/** Returns the table that a scheduled run concerns. */
const tableOf = (payload: unknown): unknown =>
  (payload as { readonly table?: unknown } | null)?.table;
