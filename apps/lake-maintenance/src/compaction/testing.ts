import { createRowTableBuilder } from '@sluice/columns';
import { defineEvent, tableColumns, type EventType } from '@sluice/event-schema';
import {
  MemoryObjectStore,
  readManifest,
  unabsorbedFiles,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import type { Table } from 'apache-arrow';
import { announceSealed } from './announce-sealed';
import { compactDay, type CompactDayOptions, type CompactDayResult } from './compact-day';
import { readParquetTable } from './read-parquet';
import type { ChooseLayout } from './write-run';

// Shared by the tests of compaction: a small event type, its raw files, and a reader that follows the manifest's
// contract.

export const date = '2026-11-20';
export const bucket = 'lake';
export const noonMs = Date.parse(`${date}T12:00:00Z`);

export const order = defineEvent({
  name: 'order',
  version: '1.0.0',
  key: 'id',
  identity: 'event',
  schema: {
    type: 'object',
    required: ['id', 'event'],
    properties: {
      id: { type: 'string' },
      event: { type: 'string' },
      amount: { type: 'integer' },
      tags: { type: 'array', items: { type: 'string' } },
    },
  },
});

export interface OrderRow {
  readonly id: string;
  readonly event_id: string;
  readonly amount?: number;
  readonly ingested_at?: string;
}

export const orderRow = (id: number, event = id): OrderRow => ({
  id: `order-${id}`,
  event_id: `e${event}`,
  amount: id * 10,
});

export function rowTable(
  rows: readonly Readonly<Record<string, unknown>>[],
  eventType: EventType = order,
): Table {
  const builder = createRowTableBuilder(tableColumns(eventType));
  for (const each of rows) {
    const fault = builder.append({ ingested_at: '2026-11-20 10:00:00.000', ...each });
    if (fault) throw new Error(`${fault.column}: ${fault.detail}`);
  }
  return builder.finish();
}

export const rawFile = (
  rows: readonly Readonly<Record<string, unknown>>[],
  eventType: EventType = order,
): Uint8Array => writeParquet(rowTable(rows, eventType), rawLayout).bytes;

export const rawKey = (name: string): string => `order/raw/dt=${date}/hour=10/${name}.parquet`;

export const putRaw = (store: ObjectStore, name: string, rows: readonly OrderRow[]) =>
  store.put(rawKey(name), rawFile(rows.map((row) => ({ ...row }))));

export const rowsOf = (bytes: Uint8Array): readonly OrderRow[] =>
  readParquetTable(bytes)
    .toArray()
    .map((each: { toJSON(): OrderRow }) => each.toJSON());

export async function listAll(store: ObjectStore, prefix: string): Promise<readonly ObjectInfo[]> {
  const files: ObjectInfo[] = [];
  for await (const file of store.list(prefix)) files.push(file);
  return files;
}

/** Returns a store with the same objects, each with its age. */
export async function copyOf(
  store: ObjectStore,
  { now }: { readonly now: () => number },
): Promise<MemoryObjectStore> {
  let clock = now;
  const copy = new MemoryObjectStore({ now: () => clock() });
  for (const { key, modifiedMs } of await listAll(store, '')) {
    clock = () => modifiedMs;
    await copy.put(key, (await store.get(key)).bytes);
  }
  clock = now;
  copy.calls.length = 0;
  return copy;
}

/** Returns the `event_id`s of the day as a reader sees them by the rules of the manifest, sorted, each once. */
export async function visibleEvents(store: ObjectStore): Promise<readonly string[]> {
  const rawFiles = await listAll(store, `order/raw/dt=${date}/`);
  const manifest = (await readManifest(store, 'order', date))?.manifest;
  const files = [
    ...(manifest?.files ?? []),
    ...(manifest?.sealed ? [] : unabsorbedFiles(manifest, rawFiles)),
  ];
  return distinctEvents(
    store,
    files.map(({ key }) => key),
  );
}

/** Announces a sealed day, as the publisher does once SQL sees it. */
export async function announce(store: ObjectStore, table = 'order', day = date): Promise<void> {
  const stored = await readManifest(store, table, day);
  if (!stored) throw new Error(`${table} has no manifest on ${day}`);
  await announceSealed(store, stored);
}

async function distinctEvents(
  store: ObjectStore,
  keys: readonly string[],
): Promise<readonly string[]> {
  const events = new Set<string>();
  for (const key of keys) {
    const { bytes, etag } = await store.get(key);
    for (const event of eventsOf(bytes, etag)) events.add(event);
  }
  return [...events].sort();
}

/** Rows by the hash of their file, because the tests read the same files again and again. */
const knownEvents = new Map<string, readonly string[]>();

function eventsOf(bytes: Uint8Array, etag: string): readonly string[] {
  const known = knownEvents.get(etag);
  if (known) return known;
  const events = [...(readParquetTable(bytes).getChild('event_id') ?? [])] as readonly string[];
  knownEvents.set(etag, events);
  return events;
}

export const compact = (
  store: ObjectStore,
  options: Partial<CompactDayOptions> = {},
): Promise<CompactDayResult> =>
  compactDay({ store, eventType: order, date, now: () => noonMs, ...options });

/**
 * Returns a layout for files with a number of rows, without trying it on a sample, which takes longer than writing a
 * small file.
 */
export const filesOf = (fileRows: number): ChooseLayout => {
  const layout = { codec: 'zstd', rowGroupRows: 128, statistics: ['id'], fileRows } as const;
  return () => layout;
};
