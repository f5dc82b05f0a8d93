// Removes later copies of events: where the first of two copies is delivered last, the other one is already in
// compacted files of a later day. It is removed from them before the first one is absorbed.
import { keyColumn, type Column, type EventType } from '@sluice/event-schema';
import {
  dayAfter,
  filesWithKeys,
  keyOrder,
  sortedKeys,
  type CompactedFile,
  type KeyText,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { earlierDays, eventIdentity, lookAroundMs, type EventIdentity } from './event-days';
import type { RowSet } from './row-set';
import { storedIdentities } from './stored-identities';

/** Rows that are about to be absorbed, and of which a later day may hold copies. */
export interface LateRows {
  /** Day under which they are stored. */
  readonly date: LakeDate;
  readonly ids: ReadonlySet<EventIdentity>;
  /** Keys of the rows, in the order of the table's files. */
  readonly keys: readonly KeyText[];
}

/**
 * Returns the days that are searched for copies of late rows. A shard is delivered in order, so the rows of a late
 * delivery precede those of the day after it. One more day is searched; this bounds the cost of old files that
 * somebody copies into the lake.
 */
export const laterDays = (date: LakeDate): readonly LakeDate[] =>
  [1, 2].map((days) => dayAfter(date, days));

/**
 * Decides whether a later day may have been compacted before the file existed. Any later compaction of that day has
 * seen the file. The clocks of file writers may differ by an hour.
 */
export const isLate = ({ modifiedMs }: Pick<ObjectInfo, 'modifiedMs'>, date: LakeDate): boolean =>
  modifiedMs >= Date.parse(dayAfter(date, 1)) - lookAroundMs;

/**
 * Collects the late rows among some rows; undefined where there are none.
 *
 * @param ranges positions of the rows, with exclusive ends
 */
export function lateRows(
  rows: RowSet,
  ranges: readonly (readonly [number, number])[],
  date: LakeDate,
): LateRows | undefined {
  const ids = new Set<EventIdentity>();
  const keys = new Set<KeyText>();
  for (const [start, end] of ranges)
    for (const { key, eventId } of rows.arrivedRows(start, end)) {
      ids.add(eventIdentity(key, eventId));
      keys.add(key);
    }
  return ids.size > 0 ? { date, ids, keys: sortedKeys([...keys], rows.eventType) } : undefined;
}

/** Rows to be removed from the compacted files of a day. */
export interface LaterCopies {
  readonly files: readonly CompactedFile[];
  readonly ids: ReadonlySet<EventIdentity>;
  /** Finds the rows to remove among those of one of the files. @default all that have one of the ids */
  readonly goneIn?: (rows: RowSet) => Iterable<number> | Promise<Iterable<number>>;
  /** Decides whether a value of a column may be in no entry of an index. @default it may */
  readonly isGoneValue?: (column: Column, text: string, arrivedMs: number) => boolean;
  /** True where indexes may have entries with such a value although no file has a row with it. @default false */
  readonly inIndexes?: boolean;
}

export interface LaterCopiesOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly eventType: EventType;
  /** Day of the files. */
  readonly date: LakeDate;
}

/**
 * Finds the copies of late rows in the compacted files of a later day. Only key, `event_id` and time of arrival are
 * decoded, and only of files whose keys may match.
 */
export async function laterCopies(
  late: LateRows,
  files: readonly CompactedFile[],
  { store, eventType, date }: LaterCopiesOptions,
): Promise<LaterCopies> {
  const order = keyOrder(keyColumn(eventType).type);
  const ids = new Set<EventIdentity>();
  const found: { readonly file: CompactedFile; readonly ids: ReadonlySet<EventIdentity> }[] = [];
  for (const file of filesWithKeys(files, late.keys, eventType)) {
    const { bytes } = await store.get(file.key, { ifMatch: file.etag });
    const ofFile = new Set<EventIdentity>();
    for (const { key, id, ingestedAtMs } of storedIdentities(bytes, eventType)) {
      // Rows before the smallest key of a file have been written elsewhere by a merge.
      if (!late.ids.has(id) || order(key, file.minKey) < 0) continue;
      ofFile.add(id);
      if (ingestedAtMs !== undefined && earlierDays(date, ingestedAtMs).includes(late.date))
        ids.add(id);
    }
    if (ofFile.size > 0) found.push({ file, ids: ofFile });
  }
  // With a copy, the copies that came after it on the same day are removed as well.
  const isTouched = ({ ids: ofFile }: (typeof found)[number]) =>
    [...ofFile].some((id) => ids.has(id));
  return { files: found.filter(isTouched).map(({ file }) => file), ids };
}
