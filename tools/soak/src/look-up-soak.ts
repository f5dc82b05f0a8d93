import { matchEvent } from '@sluice/event-types';
import { tableName } from '@sluice/event-schema';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { judgeLookUps, judgeRows } from './judge';
import { compactedRows, lakeOf, tableDates } from './lake-account';
import { lookUpRows } from './look-up-rows';
import { watchLookUps } from './look-up-watch';
import { invokeUntilComplete } from './maintenance-functions';
import { produce } from './producer';
import { StackUnderFire } from './stack-under-fire';

export interface LookUpSoakOptions {
  /**
   * How long look-ups run, and on until there was something to see; for the last part of it the days are being
   * sealed and nothing is sent.
   */
  readonly seconds: number;
  readonly seed: number;
  readonly eventsPerSecond?: number;
  /** Look-ups under way at once. */
  readonly watchers?: number;
  /** Gets what is being done. */
  readonly progress?: (line: string) => void;
}

export interface LookUpSoakReport {
  readonly seed: number;
  readonly seconds: number;
  /** Events that the gateway answered for. */
  readonly acknowledged: number;
  readonly lookUps: number;
  /** Ids in them, each as often as it was looked up. */
  readonly ids: number;
  readonly compactions: number;
  /** Sentences about what is not as it must be; none where all is well. */
  readonly problems: readonly string[];
}

const table = tableName(matchEvent);
const identity = matchEvent.identity ?? matchEvent.key;
/** Nothing fails here: what an answer lacks, compaction took away under the reader. */
const noFaults = { s3: 0, kinesis: 0, function: 0 };
const ingestPart = 0.75;
const pauseMs = 100;
/** Compactions beside ingest and look-ups: one makes the first files, the next takes them away under the readers. */
const leastCompactions = 2;

/**
 * Looks up events while they are ingested and compacted without a pause, and then sealed. From the moment that
 * an event is delivered every look-up has to give it, once.
 */
export async function runLookUpSoak({
  seconds,
  seed,
  eventsPerSecond = 200,
  watchers = 3,
  progress = () => undefined,
}: LookUpSoakOptions): Promise<LookUpSoakReport> {
  const startedAtMs = Date.now();
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
  const stack = await StackUnderFire.start({ dataDir, seed, faultShares: noFaults });
  let isClean = false;
  try {
    const endpoints = await Promise.race([stack.ready(), stack.broken]);
    const ingestEnds = new AbortController();
    const lookUpsEnd = new AbortController();
    const waiting: string[] = [];
    const delivered: string[] = [];
    let compactions = 0;

    const acknowledgements = produce({
      endpoints,
      seed,
      eventsPerSecond,
      unsoundShare: 0,
      stopped: ingestEnds.signal,
      onAcknowledged: (id) => void waiting.push(id),
    });
    const deliver = async (): Promise<void> => {
      const count = waiting.length;
      await stack.ask({ do: 'flush' });
      delivered.push(...waiting.splice(0, count));
    };
    const repeat = async (work: () => Promise<unknown>, until: AbortSignal): Promise<void> => {
      while (!until.aborted) {
        await work();
        await delay(pauseMs);
      }
    };
    const compact = async (members: Readonly<Record<string, unknown>> = {}): Promise<void> => {
      await invokeUntilComplete(stack, 'compact', { action: 'compact', table, ...members });
      if (delivered.length > 0) compactions++;
    };

    progress(`looking up for ${seconds} s, beside ingest and compaction`);
    const ingest = [repeat(deliver, ingestEnds.signal), repeat(compact, ingestEnds.signal)];
    const watches = Array.from({ length: watchers }, (_, watcher) =>
      watchLookUps({ endpoints, delivered, seed: seed + watcher, stopped: lookUpsEnd.signal }),
    );
    const all = Promise.all([...ingest, ...watches]);
    all.catch(() => undefined);
    const untilBroken = <T>(work: Promise<T>): Promise<T> => Promise.race([work, stack.broken]);
    await untilBroken(delay(seconds * 1000 * ingestPart));
    while (compactions < leastCompactions) await untilBroken(Promise.race([all, delay(pauseMs)]));
    ingestEnds.abort();
    const acknowledged = await untilBroken(acknowledgements);
    await untilBroken(Promise.all(ingest));

    progress('delivering the rest and sealing, still looking up');
    await deliver();
    const lake = lakeOf(endpoints, dataDir);
    for (const date of await tableDates(lake, table)) await compact({ date, seal: true });
    await untilBroken(delay(seconds * 1000 * (1 - ingestPart)));
    lookUpsEnd.abort();
    const watched = await untilBroken(Promise.all(watches));

    progress('counting');
    const found = await lookUpRows(endpoints, [...acknowledged.sound]);
    const problems = [
      ...acknowledged.refusals,
      ...watched.flatMap((each) => each.problems),
      ...judgeLookUps(found),
      ...judgeRows(acknowledged, await compactedRows(lake, table, identity), 'of the sealed days'),
    ];
    await stack.stop();
    isClean = problems.length === 0;
    if (!isClean) problems.push(`everything is kept in ${dataDir}`);
    return {
      seed,
      seconds: Math.round((Date.now() - startedAtMs) / 1000),
      acknowledged: acknowledged.sound.size,
      lookUps: watched.reduce((sum, { lookUps }) => sum + lookUps, 0),
      ids: watched.reduce((sum, { ids }) => sum + ids, 0),
      compactions,
      problems,
    };
  } finally {
    await stack.abandon();
    if (isClean) rmSync(dataDir, { recursive: true, force: true });
  }
}
