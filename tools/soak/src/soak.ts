import { matchEvent } from '@sluice/event-types';
import { tableName } from '@sluice/event-schema';
import { seededRandom } from '@sluice/event-types/samples';
import type { Endpoints } from '@sluice/lake';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { judgeBeforeReplay, judgeLookUps, judgeRows, type Findings } from './judge';
import {
  compactedRows,
  failedIdentities,
  lakeOf,
  readerRows,
  tableDates,
  type RowCounts,
} from './lake-account';
import { lookUpRows } from './look-up-rows';
import { invokeUntilComplete, maintenanceFunctions } from './maintenance-functions';
import { produce } from './producer';
import type { SoakReport } from './soak-report';
import type { FaultShares } from './stack-messages';
import { StackUnderFire } from './stack-under-fire';
import { followPlan, worldPlan } from './world-faults';

export interface SoakOptions {
  /**
   * How long events are sent and faults made, and on until each boundary has failed once; what comes after takes its
   * own time.
   */
  readonly seconds: number;
  /** Times that the stack's process is killed, at random moments. */
  readonly kills: number;
  readonly seed: number;
  readonly eventsPerSecond?: number;
  readonly unsoundShare?: number;
  readonly faultShares?: FaultShares;
  /** Gets what is being done. */
  readonly progress?: (line: string) => void;
}

const table = tableName(matchEvent);
const identity = matchEvent.identity ?? matchEvent.key;

/** A delivery polls Kinesis all the time, and calls its function once in a while. */
const defaultFaultShares: FaultShares = { s3: 0.1, kinesis: 0.05, function: 0.2 };

/** Sends events through a stack that fails everywhere, then counts what became of each. */
export async function runSoak({
  seconds,
  kills,
  seed,
  eventsPerSecond = 200,
  unsoundShare = 0.02,
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
      eventsPerSecond,
      unsoundShare,
      repeatShare: 0.05,
      stopped: stopped.signal,
    });
    const compaction = compactNowAndThen(stack, stopped.signal);
    await Promise.race([killAtRandom(stack, { seconds, kills, seed, progress }), stack.broken]);
    await Promise.race([everyBoundaryFailed(stack, faultShares), stack.broken]);
    stopped.abort();
    const acknowledged = await Promise.race([acknowledgements, stack.broken]);

    progress('faults end; delivering and compacting');
    const settled = settle(stack, endpoints, dataDir);
    await stack.ask({ do: 'calm' });
    await compaction;
    const before = await settled.findings();
    progress('replaying');
    await settled.replay();
    const after = await settled.findings();
    progress('looking up and sealing');
    const lookedUp = await lookUpRows(endpoints, sample([...acknowledged.sound], seed));
    const sealed = await settled.sealedRows();
    await stack.stop();

    const problems = [
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
      kills: stack.kills,
      faults: {
        ...Object.fromEntries(stack.faults),
        'clock jumps': plan.clock.length - 1,
        midnight: 1,
      },
      problems,
    };
  } finally {
    await stack.abandon();
    if (isClean) rmSync(dataDir, { recursive: true, force: true });
    rmSync(script, { recursive: true, force: true });
  }
}

/** Longest wait for a fault to kill the stack at. */
const longestWaitMs = 2_000;

/** Kills the stack at moments spread at random over the whole time: some come while it still starts, half of them at a fault. */
async function killAtRandom(
  stack: StackUnderFire,
  {
    seconds,
    kills,
    seed,
    progress,
  }: Required<Pick<SoakOptions, 'seconds' | 'kills' | 'seed' | 'progress'>>,
): Promise<void> {
  const random = seededRandom(seed);
  const beganAtMs = Date.now();
  const until = (ms: number): Promise<void> => delay(Math.max(0, beganAtMs + ms - Date.now()));
  const moments = Array.from({ length: kills }, () => random.fraction() * seconds * 1000);
  for (const moment of moments.sort((one, other) => one - other)) {
    await until(moment);
    // Between two writes that belong together is little time; where the first one fails, there is more.
    if (random.chance(0.5)) await Promise.race([stack.nextFault('s3'), delay(longestWaitMs)]);
    await stack.kill();
    progress(`kill ${stack.kills} of ${kills} after ${Math.round(moment / 1000)} s`);
  }
  await until(seconds * 1000);
}

/** Waits until each boundary has failed once, two minutes more at most. */
async function everyBoundaryFailed(stack: StackUnderFire, shares: FaultShares): Promise<void> {
  const giveUpAtMs = Date.now() + 120_000;
  const isOutstanding = ([boundary, share]: [string, number]): boolean =>
    share > 0 && ![...stack.faults.keys()].some((kind) => kind.startsWith(`${boundary} `));
  while (Object.entries(shares).some(isOutstanding) && Date.now() < giveUpAtMs) await delay(100);
}

const compactionPauseMs = 2_000;

/** Compacts as the schedule would, only more often; it may fail or be killed like everything else. */
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
  replay(): Promise<void>;
  /** Seals all days. @returns the rows in their files */
  sealedRows(): Promise<RowCounts>;
}

/** Returns what counts events in a stack without faults. */
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
