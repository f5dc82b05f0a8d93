import { writeReport } from '@sluice/checks';
import type { EventType } from '@sluice/event-schema';
import { wrapLines } from '@sluice/terminal';
import { CommandLineExit, type CommandLine } from '@sluice/terminal/command-line';
import {
  localTarget,
  markedEvent,
  runMark,
  stageTarget,
  startOwnStack,
  TargetError,
  type OwnStack,
  type Target,
} from '@sluice/verify';
import { parseOptions, type Options } from './options';
import { costRefusal, planLoad, type LoadPlan } from './plan';
import { costText, isFaulty, reportText, summary, type Report } from './report';
import { longestRunMs, runLoad, type LoadResult } from './run-load';
import { planRate, smallestStream, targetPorts } from './target-ports';

/** Exit code where the target could not be loaded at all; 1 is for a run that found a fault. */
const couldNotTry = 2;

/**
 * Shortest pause between two searches for rows, in milliseconds. The searches use the API whose look-ups are
 * measured.
 */
const minPollMs = 1_000;

/** Error for a run that is too expensive or not possible; the message is meant for a person. */
class RefusedRun extends Error {
  override readonly name = 'RefusedRun';
}

/**
 * Runs the command.
 *
 * @param interrupt ends the run early
 * @returns the exit code
 */
export async function load(
  line: CommandLine,
  interrupt: AbortSignal = new AbortController().signal,
): Promise<number> {
  const { stdout, stderr } = line;
  let own: OwnStack | undefined;
  try {
    const options = parseOptions(line);
    const isOwn = options.stage === undefined && options.endpoints === undefined;
    if (isOwn) stderr.write('starting a local stack of its own …\n');
    own = isOwn
      ? await startOwnStack({ bufferSeconds: bufferSecondsOf(options.minutes) })
      : undefined;
    const target = await openTarget(options, own);
    const report = await loadTarget(target, { options, stderr, interrupt });
    const text = (): string => reportText(report);
    writeReport({ report, summary: summary(report), text }, options, stdout);
    return isFaulty(report) ? 1 : 0;
  } catch (error) {
    if (error instanceof CommandLineExit) return error.exitCode === 0 ? 0 : couldNotTry;
    if (!(error instanceof TargetError || error instanceof RefusedRun)) throw error;
    stderr.write(`error: ${error.message}\n`);
    return couldNotTry;
  } finally {
    await own?.stop();
  }
}

/**
 * Returns Firehose's buffering interval for a run against a stack of its own: 12 files of each event type, and at most
 * the 5 seconds of `npm start`. More files than that slow look-ups down until compaction has taken them up.
 */
const bufferSecondsOf = (minutes: number): number =>
  Math.min(5, Math.max(1, Math.round((minutes * 60) / 12)));

async function openTarget(
  { stage, endpoints = '', deliveryMs }: Options,
  own: OwnStack | undefined,
): Promise<Target> {
  if (stage !== undefined) return stageTarget(stage, { deliveryMs });
  return localTarget(own?.endpointsFile ?? endpoints, { deliveryMs });
}

interface RunContext {
  readonly options: Options;
  readonly stderr: CommandLine['stderr'];
  readonly interrupt: AbortSignal;
}

async function loadTarget(
  target: Target,
  { options, stderr, interrupt }: RunContext,
): Promise<Report> {
  const { eventsPerSecond, lookupsPerSecond, minutes, maxDollars } = options;
  const startedAtMs = Date.now();
  const mark = runMark('load', startedAtMs);
  const eventTypes = chosenTypes(target.eventTypes, options.eventTypes);
  const plan = await planOf(target, eventTypes, options, mark);
  const cost = { ...plan.cost, isBilled: !target.isLocal };

  const say = (line: string): void => void stderr.write(wrapLines(`${line}\n`));
  say(
    `${eventsPerSecond} events a second of ${eventTypes.length} types for ${minutes} min at ${target.name}; marked ${mark}`,
  );
  const longestSeconds = Math.ceil(longestRunMs(plan, target.waits.deliveryMs) / 1_000);
  say(`ends after ${longestSeconds} s at the latest`);
  say(`should cost ${costText(cost)}`);
  for (const warning of plan.warnings) say(`warning: ${warning}`);
  const refusal = costRefusal(cost, maxDollars);
  if (refusal !== undefined) throw new RefusedRun(refusal);

  const result = await runLoad(
    {
      plan,
      eventTypes,
      eventsPerSecond,
      lookupsPerSecond,
      deliveryMs: target.waits.deliveryMs,
      pollMs: Math.max(minPollMs, target.waits.pollMs),
      signal: interrupt,
      onProgress: (progress) => say(progressLine(progress)),
    },
    targetPorts({ target, eventTypes, mark, startedAtMs }),
  );
  return {
    target: target.name,
    startedAt: new Date(startedAtMs).toISOString(),
    mark,
    warnings: plan.warnings,
    cost,
    ...result,
  };
}

/** Returns the chosen event types. @throws RefusedRun where the target has no event type of a name */
function chosenTypes(
  eventTypes: readonly EventType[],
  names: readonly string[],
): readonly EventType[] {
  const unknown = names.filter((name) => !eventTypes.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new RefusedRun(
      `there is no event type ${unknown.join(', ')}; there are ${eventTypes.map(({ name }) => name).join(', ')}`,
    );
  const chosen =
    names.length === 0 ? eventTypes : eventTypes.filter(({ name }) => names.includes(name));
  if (chosen.length === 0) throw new RefusedRun('there is no event type to send');
  return chosen;
}

async function planOf(
  target: Target,
  eventTypes: readonly EventType[],
  { eventsPerSecond, lookupsPerSecond, minutes }: Options,
  mark: string,
): Promise<LoadPlan> {
  let smallest: Awaited<ReturnType<typeof smallestStream>>;
  try {
    smallest = await smallestStream(target, eventTypes);
  } catch (error) {
    throw new TargetError(
      `the streams of ${target.name} can't be asked: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  const examples = eventTypes.map((eventType) =>
    markedEvent({ eventType, variant: 'full', mark, number: 0, startedAtMs: 0 }),
  );
  const bytes = examples.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return planLoad({
    eventsPerSecond,
    minutes,
    lookupsPerSecond,
    eventBytes: bytes / examples.length,
    eventTypes: eventTypes.length,
    region: await target.kinesis.config.region(),
    streams: smallest.streams,
    fewestShards: smallest.shards,
    requestsPerSecond: await planRate(target),
  });
}

const progressLine = ({ seconds, events, rows, lookups }: LoadResult): string =>
  `${Math.round(seconds)} s: ${events.sent}/${events.asked} sent, ${events.accepted} accepted; ` +
  `${rows.found}/${rows.sampled} rows; ${lookups.made} look-ups, ${lookups.failed} failed`;
