// Where the first of two copies of an event is delivered last, the other one lies in compacted files of a later day already. It is
// taken out of them before the first one is absorbed.
import { keyColumn, type EventType } from '@sluice/event-schema';
import {
  keyOrder,
  type CompactedFile,
  type KeyText,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import {
  dayAfter,
  earlierDays,
  eventIdentity,
  lookAroundMs,
  type EventIdentity,
} from './event-days';
import type { RowSet } from './row-set';
import { filesWithKeys, sortedKeys, storedIdentities } from './stored-identities';

/** Rows that are about to be absorbed, of which a later day may hold copies. */
export interface LateRows {
  /** Day that they are stored under. */
  readonly date: LakeDate;
  readonly ids: ReadonlySet<EventIdentity>;
  /** In the order of the table's files. */
  readonly keys: readonly KeyText[];
}

/**
 * Returns the days that are searched for copies of late rows. A shard is delivered in its order, so what comes late by days comes before
 * the day after it; that one more is searched bounds what old files cost that somebody copies into the lake.
 */
export const laterDays = (date: LakeDate): readonly LakeDate[] =>
  [1, 2].map((days) => dayAfter(date, days));

/**
 * Decides whether a later day may have been compacted before the file was there. What compacted a later day after that has seen the
 * file. Clocks of those who write files may differ by an hour.
 */
export const isLate = ({ modifiedMs }: Pick<ObjectInfo, 'modifiedMs'>, date: LakeDate): boolean =>
  modifiedMs >= Date.parse(dayAfter(date, 1)) - lookAroundMs;

/**
 * Gathers the late ones of some rows; undefined where there are none.
 *
 * @param ranges positions of the rows, the ends exclusive
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

/** Rows to be taken out of the compacted files of a day. */
export interface LaterCopies {
  readonly files: readonly CompactedFile[];
  readonly ids: ReadonlySet<EventIdentity>;
}

export interface LaterCopiesOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly eventType: EventType;
  /** Day of the files. */
  readonly date: LakeDate;
}

/**
 * Finds the copies of late rows in the compacted files of a later day. Of the files only key, `event_id` and time of arrival are decoded,
 * and only of those whose keys may match.
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
      // Before the smallest key of a file is what a merge has written elsewhere.
      if (!late.ids.has(id) || order(key, file.minKey) < 0) continue;
      ofFile.add(id);
      if (ingestedAtMs !== undefined && earlierDays(date, ingestedAtMs).includes(late.date))
        ids.add(id);
    }
    if (ofFile.size > 0) found.push({ file, ids: ofFile });
  }
  // Together with a copy go the ones that came after it on the same day.
  const isTouched = ({ ids: ofFile }: (typeof found)[number]) =>
    [...ofFile].some((id) => ids.has(id));
  return { files: found.filter(isTouched).map(({ file }) => file), ids };
}
