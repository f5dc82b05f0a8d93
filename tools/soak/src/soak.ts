import { matchEvent } from '@sluice/event-types';
import { tableName } from '@sluice/event-schema';
import { seededRandom } from '@sluice/event-types/samples';
import type { Endpoints } from '@sluice/lake';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pollUntil } from '@sluice/waiting';
import { judgeBeforeReplay, judgeLookUps, judgeRows, type Findings } from './judge';
import {
  compactedRows,
  failedIdentities,
  lakeOf,
  objectFile,
  readerRows,
  redeliveredErrors,
  tableDates,
  type RowCounts,
} from './lake-account';
import { lookUpRows } from './look-up-rows';
import { invokeUntilComplete, maintenanceFunctions } from './maintenance-functions';
import {
  happened,
  judgeFaults,
  plannedFaults,
  worldKinds,
  type FaultCounts,
  type FaultPlan,
} from './planned-faults';
import { produce } from './producer';
import type { SoakReport } from './soak-report';
import type { FaultShares } from './stack-messages';
import { StackUnderFire } from './stack-under-fire';
import { followPlan, worldPlan, type WorldPlan } from './world-faults';

export interface SoakOptions {
  /**
   * Least duration of sending events and causing faults, in seconds; both continue until each planned fault has
   * happened once. The steps after that take their own time.
   */
  readonly seconds: number;
  /** Number of times that the stack's process is killed, at random moments. */
  readonly kills: number;
  readonly seed: number;
  readonly faultShares?: FaultShares;
  /** Called with a description of each step. */
  readonly progress?: (line: string) => void;
}

const table = tableName(matchEvent);
const identity = matchEvent.identity ?? matchEvent.key;

/** Default shares of faults. A delivery polls Kinesis all the time, but calls its function only now and then. */
const defaultFaultShares: FaultShares = { s3: 0.1, kinesis: 0.05, function: 0.2 };

/** Sends events through a stack that fails everywhere, then counts what became of each. */
export async function runSoak({
  seconds,
  kills,
  seed,
  faultShares = defaultFaultShares,
  progress = () => undefined,
}: SoakOptions): Promise<SoakReport> {
  const startedAtMs = Date.now();
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
  const plan = worldPlan(startedAtMs, seconds);
  const script = mkdtempSync(join(tmpdir(), 'sluice-soak-world-'));
  const execArgv = followPlan(script, plan);
  const stack = await StackUnderFire.start({ dataDir, seed, faultShares, execArgv });
  let isClean = false;
  try {
    const endpoints = await Promise.race([stack.ready(), stack.broken]);
    progress(`sending events for ${seconds} s, with ${kills} kills`);
    const stopped = new AbortController();
    const acknowledgements = produce({
      endpoints,
      seed,
      eventsPerSecond: 200,
      unsoundShare: 0.02,
      repeatShare: 0.05,
      stopped: stopped.signal,
    });
    const compaction = compactNowAndThen(stack, stopped.signal);
    const fullDisk = fillDisk(stack, plan, stopped.signal);
    await Promise.race([
      killAtRandom(stack, { dataDir, seconds, kills, seed, progress }),
      stack.broken,
    ]);
    await Promise.race([everyFaultHappened(stack, { kills, faultShares }), stack.broken]);
    stopped.abort();
    await fullDisk;
    const acknowledged = await Promise.race([acknowledgements, stack.broken]);

    progress('faults end; delivering and compacting');
    const settled = settle(stack, endpoints, dataDir);
    await stack.ask({ do: 'calm' });
    await compaction;
    const before = await settled.findings();
    const faults = {
      ...faultsSoFar(stack),
      ...(await settled.tracesOfFaults()),
    };
    progress('replaying');
    await settled.replay();
    const after = await settled.findings();
    progress('looking up and sealing');
    const lookedUp = await lookUpRows(endpoints, sample([...acknowledged.sound], seed));
    const sealed = await settled.sealedRows();
    await stack.stop();

    const problems = [
      ...judgeFaults({ kills, faultShares }, faults),
      ...acknowledged.refusals,
      ...judgeBeforeReplay(acknowledged, before),
      ...judgeRows(acknowledged, after.rows, 'for a reader'),
      ...judgeRows(acknowledged, sealed, 'of the sealed days'),
      ...judgeLookUps(lookedUp),
    ];
    isClean = problems.length === 0;
    if (!isClean) problems.push(`everything is kept in ${dataDir}`);
    return {
      seed,
      seconds: Math.round((Date.now() - startedAtMs) / 1000),
      acknowledged: acknowledged.sound.size + acknowledged.unsound.size,
      rows: after.rows.size,
      failed: [...after.failed].filter((id) => !after.rows.has(id)).length,
      replayed: [...after.rows.keys()].filter((id) => !before.rows.has(id)).length,
      resends: acknowledged.resends,
      faults,
      problems,
    };
  } catch (error) {
    progress(`the run broke; everything is kept in ${dataDir}`);
    throw error;
  } finally {
    await stack.abandon();
    if (isClean) rmSync(dataDir, { recursive: true, force: true });
    rmSync(script, { recursive: true, force: true });
  }
}

/** Longest wait for a fault at which to kill the stack, in milliseconds. */
const longestWaitMs = 2_000;

/** Longest wait for the error output to be written, in milliseconds: a start and a full disk on a busy machine. */
const longestHoldMs = 60_000;

/** One kill in this many, beginning with the first, comes between an object of the error output and the checkpoint. */
const killsForOneAtErrors = 5;

/** Options of a wait that loses a race: the process does not live on for it. */
const unheld = { ref: false };

/**
 * Kills the stack at random moments spread over the whole time: some while it still starts, half of them at a fault,
 * some between the error output and the checkpoint.
 */
async function killAtRandom(
  stack: StackUnderFire,
  {
    dataDir,
    seconds,
    kills,
    seed,
    progress,
  }: Required<Pick<SoakOptions, 'seconds' | 'kills' | 'seed' | 'progress'>> & {
    readonly dataDir: string;
  },
): Promise<void> {
  const random = seededRandom(seed);
  const beganAtMs = Date.now();
  const until = (ms: number): Promise<void> => delay(Math.max(0, beganAtMs + ms - Date.now()));
  const moments = Array.from({ length: kills }, () => random.fraction() * seconds * 1000);
  for (const [index, moment] of moments.sort((one, other) => one - other).entries()) {
    await until(moment);
    // There is little time between two writes that belong together; where the first one fails, there is more.
    const isAtFault = random.chance(0.5);
    if (index % killsForOneAtErrors === 0) await errorsWereWritten(stack, dataDir);
    else if (isAtFault)
      await Promise.race([stack.nextFault('s3'), delay(longestWaitMs, undefined, unheld)]);
    await stack.kill();
    progress(`kill ${stack.kills} of ${kills} after ${Math.round(moment / 1000)} s`);
  }
  await until(seconds * 1000);
}

/**
 * Waits until an object of the error output is on the disk that the delivery has no answer for, so that it has not
 * moved its checkpoint past the object's records. It gives up after a while.
 */
async function errorsWereWritten(stack: StackUnderFire, dataDir: string): Promise<void> {
  const giveUpAtMs = Date.now() + longestHoldMs;
  const held = stack.errorsHeld();
  await stack.ask({ do: 'hold-errors', table });
  const key = await Promise.race([held, delay(longestHoldMs, undefined, unheld)]);
  if (key === undefined) return;
  const { bucket } = await stack.ready();
  const file = objectFile(dataDir, bucket, key);
  // The message comes before the object is stored.
  await pollUntil(() => existsSync(file) || undefined, {
    everyMs: 10,
    withinMs: giveUpAtMs - Date.now(),
  });
}

/** Fills the disk at the planned moments, and again where the stack was killed before it wrote anything. */
async function fillDisk(
  stack: StackUnderFire,
  { fullDisk }: WorldPlan,
  stopped: AbortSignal,
): Promise<void> {
  for (const { fromMs, forMs } of fullDisk) {
    await delay(Math.max(0, fromMs - Date.now()));
    let wasFull = false;
    while (!wasFull && !stopped.aborted) {
      const refused = stack.nextFault('disk').then(() => true);
      await stack.ask({ do: 'fill-disk', forMs }).catch(() => undefined);
      wasFull = await Promise.race([refused, delay(forMs + 1_000, false, unheld)]);
    }
  }
}

/** Returns the faults that the stack reported. */
const faultsSoFar = (stack: StackUnderFire): FaultCounts => ({
  ...Object.fromEntries(stack.faults),
  [worldKinds.clockJumps]: stack.clockJumps,
  [worldKinds.kills]: stack.kills,
});

/**
 * Waits until each planned fault that can be observed during the run has happened once, for two more minutes at most.
 */
async function everyFaultHappened(stack: StackUnderFire, plan: FaultPlan): Promise<void> {
  const isOutstanding = (): boolean =>
    plannedFaults(plan).some(
      (planned) => !seenAfterwards.has(planned) && !happened(planned, faultsSoFar(stack)),
    );
  await pollUntil(() => !isOutstanding() || undefined, { everyMs: 100, withinMs: 120_000 });
}

/** Planned faults that can only be observed by their traces in the lake. */
const seenAfterwards: ReadonlySet<string> = new Set([worldKinds.midnight, worldKinds.redelivered]);

const compactionPauseMs = 2_000;

/** Compacts like the schedule, only more often. Compaction may fail or be killed like everything else. */
async function compactNowAndThen(stack: StackUnderFire, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    await delay(compactionPauseMs);
    await stack
      .ask({
        do: 'invoke',
        functionName: maintenanceFunctions.compact,
        payload: { action: 'compact', table },
      })
      .catch(() => undefined);
  }
}

interface Settled {
  /** Returns what a reader finds once everything is delivered and compacted. */
  findings(): Promise<Findings>;
  /**
   * Counts the faults that have left a trace in the lake: days that ended, and records whose error was written again.
   */
  tracesOfFaults(): Promise<FaultCounts>;
  replay(): Promise<void>;
  /** Seals all days. @returns the rows in their files */
  sealedRows(): Promise<RowCounts>;
}

/** Returns functions that count events in a stack without faults. */
function settle(stack: StackUnderFire, endpoints: Endpoints, dataDir: string): Settled {
  const lake = lakeOf(endpoints, dataDir);
  return {
    findings: async () => {
      await stack.ask({ do: 'flush' });
      await invokeUntilComplete(stack, 'compact', { action: 'compact', table });
      return {
        rows: await readerRows(lake, table, identity),
        failed: await failedIdentities(lake, table, identity),
      };
    },
    tracesOfFaults: async () => ({
      [worldKinds.midnight]: (await tableDates(lake, table)).length - 1,
      [worldKinds.redelivered]: await redeliveredErrors(lake, table),
    }),
    replay: () => invokeUntilComplete(stack, 'replay', { action: 'replay', table }),
    sealedRows: async () => {
      for (const date of await tableDates(lake, table))
        await invokeUntilComplete(stack, 'compact', { action: 'compact', table, date, seal: true });
      return compactedRows(lake, table, identity);
    },
  };
}

const sampleSize = 300;

const sample = (ids: readonly string[], seed: number): readonly string[] => {
  const random = seededRandom(seed);
  const share = sampleSize / Math.max(sampleSize, ids.length);
  return ids.filter(() => random.chance(share));
};
