// Finds copies of events on an earlier day (sent again by a client around midnight, or brought back by a replay),
// which are left out of the later day when that is compacted.
import { tableName, type EventType } from '@sluice/event-schema';
import {
  filesWithKeys,
  rawFilesBelow,
  rawPrefix,
  readManifest,
  sortedKeys,
  unabsorbedFiles,
  type KeyText,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { copiesArriveBeforeMs, earlierDays, eventIdentity } from './event-days';
import { storedIdentities } from './stored-identities';
import type { RowSet } from './row-set';

export interface EarlierCopiesOptions {
  readonly store: Pick<ObjectStore, 'get' | 'list'>;
  readonly eventType: EventType;
  /** Day under which the rows are stored. */
  readonly date: LakeDate;
}

/** A row that may be a copy of one on another day. */
export interface Candidate {
  readonly row: number;
  readonly id: string;
  readonly key: KeyText;
}

/**
 * Finds the rows that are already stored on an earlier day. It examines rows that arrived in the first hour of the
 * day, and rows that arrived before it, which come from replays. A copy that arrives later than that counts on both
 * days.
 *
 * @returns positions among the rows
 */
export async function earlierCopies(
  rows: RowSet,
  { store, eventType, date }: EarlierCopiesOptions,
): Promise<ReadonlySet<number>> {
  const byDay = new Map<LakeDate, Candidate[]>();
  for (const { row, key, eventId, ingestedAtMs } of rows.arrivedBefore(copiesArriveBeforeMs(date)))
    for (const day of earlierDays(date, ingestedAtMs ?? Infinity)) {
      const candidate = { row, key, id: eventIdentity(key, eventId) };
      const ofDay = byDay.get(day);
      if (ofDay) ofDay.push(candidate);
      else byDay.set(day, [candidate]);
    }
  const copies = new Set<number>();
  for (const [day, candidates] of byDay)
    for (const row of await rowsOfDay(day, candidates, { store, eventType })) copies.add(row);
  return copies;
}

/** Finds the candidates that a day holds. @returns their row positions */
export async function rowsOfDay(
  day: LakeDate,
  candidates: readonly Candidate[],
  {
    store,
    eventType,
    isLeftAside = () => false,
  }: Pick<EarlierCopiesOptions, 'store' | 'eventType'> & {
    /** Decides whether a raw file need not be examined. */
    readonly isLeftAside?: (file: ObjectInfo) => boolean;
  },
): Promise<readonly number[]> {
  const table = tableName(eventType);
  const wanted = new Map<string, number[]>();
  for (const { id, row } of candidates) {
    const rows = wanted.get(id);
    if (rows) rows.push(row);
    else wanted.set(id, [row]);
  }
  const keys = sortedKeys(
    candidates.map(({ key }) => key),
    eventType,
  );
  const manifest = (await readManifest(store, table, day))?.manifest;
  const rawFiles = manifest?.sealed
    ? []
    : (await rawFilesBelow(store, rawPrefix(table, day))).filter((file) => !isLeftAside(file));
  const found: number[] = [];
  for (const { key, etag } of [
    ...filesWithKeys(manifest?.files ?? [], keys, eventType),
    ...unabsorbedFiles(manifest, rawFiles),
  ]) {
    const { bytes } = await store.get(key, { ifMatch: etag });
    for (const { id } of storedIdentities(bytes, eventType)) found.push(...(wanted.get(id) ?? []));
  }
  return found;
}
