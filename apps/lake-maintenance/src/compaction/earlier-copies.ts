// An event counts on the first day that it arrived on. A copy of it, sent again by a client around midnight or brought
// back by a replay, is left out of the later day when that is compacted.
import { castColumn } from '@sluice/columns';
import { eventIdColumn, keyColumn, tableName, type EventType } from '@sluice/event-schema';
import {
  keyOrder,
  lakeDate,
  rawPrefix,
  readManifest,
  unabsorbedFiles,
  type KeyText,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { Vector } from 'apache-arrow';
import { keyTexts } from './key-text';
import { readKeyTable } from './read-parquet';
import type { RowSet } from './row-set';

export interface EarlierCopiesOptions {
  readonly store: Pick<ObjectStore, 'get' | 'list'>;
  readonly eventType: EventType;
  /** Day that the rows are stored under. */
  readonly date: LakeDate;
  /** How long after an event a copy of it is looked for on the day before. @default 1 hour */
  readonly lookBackMs?: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A row that may be a copy of one on another day. */
export interface Candidate {
  readonly row: number;
  readonly id: string;
  readonly key: KeyText;
}

/**
 * Finds the rows that are stored on an earlier day already. Looked at are those that arrived in the first hour of the day, and those
 * that arrived before it: the copies of a replay. A copy that comes later than that counts on both days.
 *
 * @returns positions among the rows
 */
export async function earlierCopies(
  rows: RowSet,
  { store, eventType, date, lookBackMs = hourMs }: EarlierCopiesOptions,
): Promise<ReadonlySet<number>> {
  const dayStartMs = Date.parse(date);
  const candidates = candidatesByDay(rows, dayStartMs, lookBackMs);
  const copies = new Set<number>();
  for (const [day, ofDay] of candidates)
    for (const row of await rowsOfDay(day, ofDay, { store, eventType })) copies.add(row);
  return copies;
}

function candidatesByDay(
  rows: RowSet,
  dayStartMs: number,
  lookBackMs: number,
): ReadonlyMap<LakeDate, readonly Candidate[]> {
  const byDay = new Map<LakeDate, Candidate[]>();
  for (const { row, key, eventId, ingestedAtMs } of rows.arrivedBefore(dayStartMs + lookBackMs)) {
    // A buffer that was open at midnight lies under the day before: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
    const first = Math.floor((ingestedAtMs - lookBackMs) / dayMs) * dayMs;
    const last = Math.min(ingestedAtMs, dayStartMs - 1);
    for (let ms = first; ms <= last; ms += dayMs) {
      const day = lakeDate(ms);
      const ofDay = byDay.get(day);
      const candidate = { row, key, id: rowId(key, eventId) };
      if (ofDay) ofDay.push(candidate);
      else byDay.set(day, [candidate]);
    }
  }
  return byDay;
}

/** Returns what tells one row of a table from another. */
export const rowId = (key: KeyText, eventId: string): string => `${key}\n${eventId}`;

/** Finds those of the candidates that a day has. @returns their rows */
export async function rowsOfDay(
  day: LakeDate,
  candidates: readonly Candidate[],
  {
    store,
    eventType,
    isLeftAside = () => false,
  }: Pick<EarlierCopiesOptions, 'store' | 'eventType'> & {
    /** Names raw files that need not be looked at. */
    readonly isLeftAside?: (file: ObjectInfo) => boolean;
  },
): Promise<readonly number[]> {
  const table = tableName(eventType);
  const wanted = new Map<string, number[]>();
  for (const { id, row } of candidates) wanted.set(id, [...(wanted.get(id) ?? []), row]);
  const order = keyOrder(keyColumn(eventType).type);
  const keys = candidates.map(({ key }) => key).sort(order);
  const found: number[] = [];
  const manifest = (await readManifest(store, table, day))?.manifest;
  const rawFiles: ObjectInfo[] = [];
  if (!manifest?.sealed)
    for await (const file of store.list(rawPrefix(table, day)))
      if (file.bytes > 0 && !isLeftAside(file)) rawFiles.push(file);
  const files = [
    ...(manifest?.files ?? []).filter(({ minKey, maxKey }) =>
      hasBetween(keys, minKey, maxKey, order),
    ),
    ...unabsorbedFiles(manifest, rawFiles),
  ];
  for (const { key, etag } of files) {
    const { bytes } = await store.get(key, { ifMatch: etag });
    for (const id of rowIds(bytes, eventType)) found.push(...(wanted.get(id) ?? []));
  }
  return found;
}

/** Whether one of the sorted keys lies between two, both inclusive. */
function hasBetween(
  keys: readonly KeyText[],
  min: KeyText,
  max: KeyText,
  order: (a: KeyText, b: KeyText) => number,
): boolean {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(keys[middle] ?? '', min) < 0) low = middle + 1;
    else high = middle;
  }
  const next = keys[low];
  return next !== undefined && order(next, max) <= 0;
}

/** Of the rows of a file by whatever writer; none where it can't be read: compaction of its own day reports that. */
function rowIds(bytes: Uint8Array, eventType: EventType): readonly string[] {
  const column = keyColumn(eventType);
  const ids: string[] = [];
  try {
    for (const batch of readKeyTable(bytes, [column.name, eventIdColumn.name]).batches) {
      const child = (name: string) =>
        batch.data.children[batch.schema.fields.findIndex((field) => field.name === name)];
      const [key, eventId] = [child(column.name), child(eventIdColumn.name)];
      if (!key || !eventId) return [];
      const keyText = keyTexts(new Vector([castColumn(key, column)]), column.type);
      const eventIds = new Vector([eventId]);
      for (let row = 0; row < batch.numRows; row++) {
        const id = eventIds.get(row) as string | null;
        if (id !== null) ids.push(rowId(keyText(row), id));
      }
    }
    return ids;
  } catch {
    return [];
  }
}
