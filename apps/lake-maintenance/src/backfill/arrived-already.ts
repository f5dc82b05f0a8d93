// For backfills whose events may have arrived already: events that Sluice has stored under the later day of their
// arrival stay there.
import { tableName, type EventType } from '@sluice/event-schema';
import {
  lakeDate,
  rawPrefix,
  readManifest,
  type LakeDate,
  type ObjectInfo,
  backfillNamePrefix,
  type ObjectStore,
} from '@sluice/lake-layout';
import { rowsOfDay, type Candidate } from '../compaction/earlier-copies';
import { eventIdentity } from '../compaction/event-days';
import type { FinishedPart } from './event-part';

const dayMs = 86_400_000;

export interface ArrivedAlreadyOptions {
  readonly store: Pick<ObjectStore, 'get' | 'list'>;
  readonly eventType: EventType;
  /** Milliseconds after an event within which it may have arrived. */
  readonly lookAheadMs: number;
}

/**
 * Returns a function that finds the rows of a part that are already stored under a later day. It remembers which days
 * have nothing to search.
 */
export function arrivedAlready({
  store,
  eventType,
  lookAheadMs,
}: ArrivedAlreadyOptions): (part: FinishedPart) => Promise<ReadonlySet<number>> {
  const table = tableName(eventType);
  const known = new Map<LakeDate, Promise<boolean>>();
  const isLeftAside = ({ key }: ObjectInfo): boolean =>
    key.slice(key.lastIndexOf('/') + 1).startsWith(backfillNamePrefix);
  const hasArrivals = async (date: LakeDate): Promise<boolean> => {
    if (await readManifest(store, table, date)) return true;
    for await (const file of store.list(rawPrefix(table, date)))
      if (!isLeftAside(file)) return true;
    return false;
  };
  const mayHave = (date: LakeDate): Promise<boolean> => {
    const asked = known.get(date) ?? hasArrivals(date);
    known.set(date, asked);
    return asked;
  };

  return async (part) => {
    const rowsByDay = new Map<LakeDate, Set<number>>();
    for (const { row, ms } of part)
      for (let day = nextDayMs(ms); day <= ms + lookAheadMs; day += dayMs) {
        const date = lakeDate(day);
        const rows = rowsByDay.get(date) ?? new Set();
        rowsByDay.set(date, rows.add(row));
      }
    const asked: [LakeDate, ReadonlySet<number>][] = [];
    for (const [date, rows] of rowsByDay) if (await mayHave(date)) asked.push([date, rows]);
    if (asked.length === 0) return new Set();

    const candidates = new Map<number, Candidate>();
    for (const { row, key, eventId } of part.rows.arrivedRows())
      candidates.set(row, { row, key, id: eventIdentity(key, eventId) });
    const found = new Set<number>();
    for (const [date, rows] of asked) {
      const ofDay = [...rows].flatMap((row) => candidates.get(row) ?? []);
      for (const row of await rowsOfDay(date, ofDay, { store, eventType, isLeftAside }))
        found.add(row);
    }
    return found;
  };
}

/** Returns the first moment of the next day, in milliseconds since 1970. */
const nextDayMs = (ms: number): number => (Math.floor(ms / dayMs) + 1) * dayMs;
