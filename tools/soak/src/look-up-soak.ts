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
   * Least duration of look-ups in seconds; they continue until there was something to see. In its last part the days
   * are being sealed and nothing is sent.
   */
  readonly seconds: number;
  readonly seed: number;
  /** Number of look-ups at the same time. */
  readonly watchers?: number;
  /** Called with a description of each step. */
  readonly progress?: (line: string) => void;
}

export interface LookUpSoakReport {
  readonly seed: number;
  readonly seconds: number;
  /** Number of events that the gateway acknowledged. */
  readonly acknowledged: number;
  readonly lookUps: number;
  /** Number of ids in all look-ups; an id counts each time it was looked up. */
  readonly ids: number;
  readonly compactions: number;
  /** Sentences about violations; none where all is well. */
  readonly problems: readonly string[];
}

const table = tableName(matchEvent);
const identity = matchEvent.identity ?? matchEvent.key;
/** No faults, so that anything missing from an answer was removed by compaction under the reader. */
const noFaults = { s3: 0, kinesis: 0, function: 0 };
const ingestPart = 0.75;
const pauseMs = 100;
/**
 * Number of compactions beside ingest and look-ups: one creates the first files, the next removes them under the
 * readers.
 */
const minCompactions = 2;

/**
 * Looks up events while they are ingested, continuously compacted, and then sealed. From the moment that an event is
 * delivered every look-up has to return it exactly once.
 */
export async function runLookUpSoak({
  seconds,
  seed,
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
      eventsPerSecond: 200,
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
    while (compactions < minCompactions) await untilBroken(Promise.race([all, delay(pauseMs)]));
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
  } catch (error) {
    progress(`the run broke; everything is kept in ${dataDir}`);
    throw error;
  } finally {
    await stack.abandon();
    if (isClean) rmSync(dataDir, { recursive: true, force: true });
  }
}
