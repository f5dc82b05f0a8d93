import { seededRandom } from '@sluice/event-types/samples';
import type { Endpoints } from '@sluice/lake';
import { setTimeout as delay } from 'node:timers/promises';
import { lookUpRows } from './look-up-rows';

export interface WatchOptions {
  readonly endpoints: Endpoints;
  /** Identities that look-ups have to find. More are added while the watch runs. */
  readonly delivered: readonly string[];
  readonly seed: number;
  readonly stopped: AbortSignal;
}

/** Findings of repeated look-ups. */
export interface WatchFindings {
  readonly lookUps: number;
  /** Number of ids that were looked up; an id counts each time. */
  readonly ids: number;
  /** Sentences about rows that were missing or doubled, and about answers without rows. */
  readonly problems: readonly string[];
}

/** Ids of each look-up: some delivered last, which are about to be compacted, and some chosen from all. */
const newest = 10;
const anyOfThem = 20;
const maxProblems = 20;
const firstDeliveryPauseMs = 20;

/** Looks up events again and again until it is stopped. Each event has to be exactly one row in every answer. */
export async function watchLookUps({
  endpoints,
  delivered,
  seed,
  stopped,
}: WatchOptions): Promise<WatchFindings> {
  const random = seededRandom(seed);
  const problems: string[] = [];
  let lookUps = 0;
  let looked = 0;
  while (!stopped.aborted) {
    const ids = [
      ...new Set([
        ...delivered.slice(-newest),
        ...Array.from({ length: delivered.length > 0 ? anyOfThem : 0 }, () =>
          random.pick(delivered),
        ),
      ]),
    ];
    if (ids.length === 0) {
      await delay(firstDeliveryPauseMs);
      continue;
    }
    try {
      for (const [id, rows] of await lookUpRows(endpoints, ids))
        if (rows !== 1)
          problems.push(
            `look-up ${lookUps} gave ${rows} rows of event ${id}, number ${delivered.indexOf(id)} of ${delivered.length} delivered`,
          );
    } catch (error) {
      problems.push(`look-up ${lookUps} failed: ${String(error)}`);
    }
    lookUps++;
    looked += ids.length;
    if (problems.length >= maxProblems) break;
  }
  return { lookUps, ids: looked, problems: problems.slice(0, maxProblems) };
}
