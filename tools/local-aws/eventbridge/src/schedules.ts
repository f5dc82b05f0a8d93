import { randomUUID } from 'node:crypto';
import { CronError, cronTimes } from './cron-expression';

/** A schedule of a template: what it starts, with which payload, and when. */
export interface Schedule {
  readonly name: string;
  readonly targetArn: string;
  /** Role with which the target is started. */
  readonly roleArn: string | undefined;
  /** Returns the payload of a run, given the time for which it was scheduled, in milliseconds since 1970. */
  readonly payload: (scheduledMs: number) => unknown;
  /** Returns the time of the first run after a given time (exclusive); undefined where there is none. */
  readonly next: (afterMs: number) => number | undefined;
}

const unitMs: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/**
 * Reads an `AWS::Scheduler::Schedule` of a template, with its references resolved.
 *
 * @throws Error for an expression other than `rate(…)` and `cron(…)`, or a time zone other than UTC
 */
export function readSchedule({
  ref,
  arn,
  properties,
}: {
  readonly ref: string;
  readonly arn: string;
  readonly properties: Readonly<Record<string, unknown>>;
}): Schedule {
  const {
    Arn = '',
    Input = '{}',
    RoleArn,
  } = (properties['Target'] ?? {}) as {
    readonly Arn?: string;
    readonly Input?: string;
    readonly RoleArn?: string;
  };
  const zone = properties['ScheduleExpressionTimezone'] ?? 'UTC';
  if (zone !== 'UTC')
    throw new Error(
      `the schedule ${ref} is of the time zone ${JSON.stringify(zone)}; known is UTC`,
    );
  return {
    name: ref,
    targetArn: Arn,
    roleArn: RoleArn,
    payload: (scheduledMs) => JSON.parse(withContext(Input, arn, scheduledMs)) as unknown,
    next: times(ref, String(properties['ScheduleExpression'])),
  };
}

/** Fills the context attributes of an input. Source: EventBridge Scheduler user guide, "Adding context attributes". */
const withContext = (input: string, arn: string, scheduledMs: number): string =>
  input
    .replaceAll(
      '<aws.scheduler.scheduled-time>',
      new Date(scheduledMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    )
    .replaceAll('<aws.scheduler.schedule-arn>', arn)
    .replaceAll('<aws.scheduler.execution-id>', () => randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', '1');

function times(name: string, expression: string): Schedule['next'] {
  const refused = (why: string): Error =>
    new Error(`the schedule ${name} has the expression "${expression}"; ${why}`);
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const everyMs = Number(count) * (unitMs[unit] ?? 0);
  if (everyMs > 0) return (afterMs) => afterMs + everyMs;
  const [, fields] = /^cron\((.*)\)$/.exec(expression) ?? [];
  if (fields === undefined) throw refused('known are rate(n minutes) and cron(…)');
  try {
    return cronTimes(fields);
  } catch (error) {
    if (error instanceof CronError) throw refused(`it ${error.message}`);
    throw error;
  }
}

/** Slightly less than the longest delay of a timer, in milliseconds. */
const longestWaitMs = 2 ** 31 - 1000;

/**
 * Milliseconds by which a timer may be late before the clock is taken to have been set or the machine to have slept.
 */
const onTimeMs = 30_000;

/**
 * Starts the schedules. Runs that were missed while the machine slept are made up for by one run.
 *
 * @param run must handle its own errors
 * @returns a function that ends the schedules
 */
export function startSchedules(
  schedules: readonly Schedule[],
  run: (schedule: Schedule, scheduledMs: number) => void,
): () => void {
  const timers = new Map<Schedule, NodeJS.Timeout>();
  const arm = (schedule: Schedule, dueMs: number | undefined): void => {
    if (dueMs === undefined) return;
    const waitMs = Math.max(0, dueMs - Date.now());
    const timer = setTimeout(
      () => {
        if (waitMs > longestWaitMs) {
          arm(schedule, dueMs);
          return;
        }
        run(schedule, dueMs);
        // The clock was set, or the machine slept: compute the next time from the clock as it is now.
        const nowMs = Date.now();
        const isOnTime = Math.abs(nowMs - dueMs) < onTimeMs;
        arm(schedule, schedule.next(isOnTime ? dueMs : nowMs));
      },
      Math.min(waitMs, longestWaitMs),
    );
    timers.set(schedule, timer);
  };
  for (const schedule of schedules) arm(schedule, schedule.next(Date.now()));
  return () => {
    for (const timer of timers.values()) clearTimeout(timer);
  };
}
