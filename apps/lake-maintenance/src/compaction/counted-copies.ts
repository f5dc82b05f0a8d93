import {
  eventIdColumn,
  ingestedAtColumn,
  keyColumn,
  timeColumn,
  type EventType,
} from '@sluice/event-schema';
import type { CompactedFile, KeyOrder, KeyText, ObjectStore } from '@sluice/lake-layout';
import { readKeyTable } from './read-parquet';
import { RowSet, type CopyPosition, type CountedCopies } from './row-set';

/** Number of events that are remembered at the same time. */
const maxEvents = 250_000;

export interface CountedCopiesOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly eventType: EventType;
  readonly order: KeyOrder;
}

/**
 * Finds out which copy counts for each event of a key that has several: the first that was ingested.
 *
 * A key may have more rows than fit in memory. So the files are read several times, each time for some of the key's
 * events, and only the columns that distinguish events and copies.
 *
 * @param files that are merged; the files of one run hold each event once
 */
export async function readCountedCopies(
  key: KeyText,
  files: readonly CompactedFile[],
  { store, eventType, order }: CountedCopiesOptions,
): Promise<CountedCopies> {
  const holding = files.filter(
    ({ minKey, maxKey }) => order(minKey, key) <= 0 && order(key, maxKey) <= 0,
  );
  const rows = holding.reduce((sum, file) => sum + file.rows, 0);
  const passes = Math.max(1, Math.ceil(rows / maxEvents));
  const counted = new Map<string, CopyPosition>();
  const read = async function* (): AsyncGenerator<EventsOfKey> {
    for (const { key: object, etag } of holding) {
      const { bytes } = await store.get(object, { ifMatch: etag });
      yield eventsOfKey(bytes, key, { eventType, order });
    }
  };
  for (let pass = 0; pass < passes; pass++) {
    const seen = new Set<string>();
    const repeated = new Set<string>();
    for await (const { eventIds } of read())
      for (const id of eventIds) {
        if (id === null || passOf(id, passes) !== pass) continue;
        if (seen.has(id)) repeated.add(id);
        else seen.add(id);
      }
    if (repeated.size === 0) continue;
    for await (const { eventIds, placeAt } of read())
      for (const [index, id] of eventIds.entries()) {
        if (id === null || !repeated.has(id)) continue;
        const before = counted.get(id);
        const place = placeAt(index);
        if (!before || isBefore(place, before)) counted.set(id, place);
      }
  }
  return counted;
}

const isBefore = (a: CopyPosition, b: CopyPosition): boolean =>
  a.ingestedAt < b.ingestedAt || (a.ingestedAt === b.ingestedAt && a.moment < b.moment);

interface EventsOfKey {
  readonly eventIds: readonly (string | null)[];
  readonly placeAt: (index: number) => CopyPosition;
}

/** Yields, from a compacted file, which is sorted by key, what distinguishes the events of a key and their copies. */
function eventsOfKey(
  bytes: Uint8Array,
  key: KeyText,
  { eventType, order }: Pick<CountedCopiesOptions, 'eventType' | 'order'>,
): EventsOfKey {
  const columns = [keyColumn(eventType), timeColumn(eventType), eventIdColumn, ingestedAtColumn];
  const rows = new RowSet(eventType);
  rows.append(readKeyTable(bytes, [...new Set(columns.flatMap((column) => column?.name ?? []))]));
  const start = rows.firstWhere((text) => order(text, key) >= 0);
  const end = rows.firstWhere((text) => order(text, key) > 0);
  return {
    eventIds: rows.eventIds(Uint32Array.from({ length: end - start }, (_, at) => start + at)),
    placeAt: (index) => rows.copyPosition(start + index),
  };
}

/** Assigns an event to a pass (FNV-1a). */
function passOf(eventId: string, passes: number): number {
  if (passes === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < eventId.length; index++)
    hash = Math.imul(hash ^ eventId.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % passes;
}
