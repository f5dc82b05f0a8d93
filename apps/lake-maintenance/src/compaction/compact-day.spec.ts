import { defineEvent, tableColumns, type EventType } from '@sluice/event-schema';
import {
  lakeDate,
  MemoryObjectStore,
  readManifest,
  unabsorbedFiles,
  type ObjectInfo,
} from '@sluice/lake-layout';
import { createRowTableBuilder, rawLayout, writeParquet } from '@sluice/parquet-writing';
import { compactDay, type CompactDayOptions } from './compact-day';
import { readParquetTable } from './read-parquet';

const date = '2026-11-20';
const order = defineEvent({
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

interface Row {
  readonly id: string;
  readonly event_id: string;
  readonly amount?: number;
  readonly ingested_at?: string;
}

const row = (id: number, event = id): Row => ({
  id: `order-${id}`,
  event_id: `e${event}`,
  amount: id * 10,
});

function rawFile(rows: readonly Row[], eventType: EventType = order): Uint8Array {
  const builder = createRowTableBuilder(tableColumns(eventType));
  for (const each of rows) {
    const fault = builder.append({ ingested_at: '2026-11-20 10:00:00.000', ...each });
    if (fault) throw new Error(`${fault.column}: ${fault.detail}`);
  }
  return writeParquet(builder.finish(), rawLayout).bytes;
}

const putRaw = (store: MemoryObjectStore, name: string, rows: readonly Row[]) =>
  store.put(`order/raw/dt=${date}/hour=10/${name}.parquet`, rawFile(rows));

const rowsOf = (bytes: Uint8Array): readonly Row[] =>
  readParquetTable(bytes)
    .toArray()
    .map((each: { toJSON(): Row }) => each.toJSON());

/** What a reader sees: compacted files and the raw files that are not absorbed. */
async function readDay(store: MemoryObjectStore): Promise<readonly Row[]> {
  const stored = await readManifest(store, 'order', date);
  const raw: ObjectInfo[] = [];
  for await (const file of store.list(`order/raw/dt=${date}/`)) raw.push(file);
  const keys = [
    ...(stored?.manifest.files ?? []),
    ...(stored?.manifest.sealed ? [] : unabsorbedFiles(stored?.manifest, raw)),
  ].map(({ key }) => key);
  const rows = new Map<string, Row>();
  for (const key of keys)
    for (const each of rowsOf((await store.get(key)).bytes)) rows.set(each.event_id, each);
  return [...rows.values()].sort((a, b) => (a.event_id < b.event_id ? -1 : 1));
}

const compact = (store: MemoryObjectStore, options: Partial<CompactDayOptions> = {}) =>
  compactDay({
    store,
    eventType: order,
    date,
    now: () => Date.parse(`${date}T12:00:00Z`),
    ...options,
  });

describe('compacting a day', () => {
  it('turns raw files into one file sorted by key, and a reader sees the same rows', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [row(3), row(1)]);
    await putRaw(store, 'b', [row(2), row(10)]);
    const before = await readDay(store);

    const result = await compact(store);

    expect(result).toMatchObject({
      rows: 4,
      rawFilesAbsorbed: 2,
      compactedFiles: 1,
      complete: true,
    });
    const { manifest } = (await readManifest(store, 'order', date))!;
    expect(manifest).toMatchObject({ sealed: false });
    expect(manifest.files).toHaveLength(1);
    expect(manifest.files[0]).toMatchObject({
      rows: 4,
      minKey: 'order-1',
      maxKey: 'order-3',
      run: 1,
    });
    const file = await store.get(manifest.files[0]!.key);
    expect(rowsOf(file.bytes).map(({ id }) => id)).toEqual([
      'order-1',
      'order-10',
      'order-2',
      'order-3',
    ]);
    expect(await readDay(store)).toEqual(before);
  });

  it('keeps of an event that arrived twice the one that was ingested first', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [{ ...row(1), amount: 2, ingested_at: '2026-11-20 10:00:00.002' }]);
    await putRaw(store, 'b', [{ ...row(1), amount: 1, ingested_at: '2026-11-20 10:00:00.001' }]);
    await putRaw(store, 'c', [row(1, 2)]);
    expect(await compact(store)).toMatchObject({ rows: 2 });
    expect((await readDay(store)).map(({ amount }) => Number(amount))).toEqual([1, 10]);
  });

  it('does nothing where nothing is new', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [row(1)]);
    await compact(store);
    const puts = () => store.calls.filter(({ operation }) => operation === 'put').length;
    const before = puts();
    expect(await compact(store)).toMatchObject({ rows: 1, rawFilesAbsorbed: 0, complete: true });
    expect(puts()).toBe(before);
  });

  it('seals the day after the grace period, each key in one file', async () => {
    const store = new MemoryObjectStore();
    for (let file = 0; file < 20; file++) {
      await putRaw(store, `f${file}`, [row(file), row(100 - file)]);
      await compact(store);
    }
    expect((await readManifest(store, 'order', date))?.manifest.sealed).toBe(false);
    const result = await compact(store, { now: () => Date.parse('2026-11-21T03:00:00Z') });
    expect(result).toMatchObject({ sealed: true, rows: 40, compactedFiles: 1 });
  });

  it('takes up a raw file that arrives after the day was sealed', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [row(1)]);
    await compact(store, { seal: true });
    await putRaw(store, 'late', [row(2)]);
    expect(await compact(store)).toMatchObject({ rows: 2, sealed: false });
    expect(await compact(store, { seal: true })).toMatchObject({ rows: 2, sealed: true });
  });

  it('takes up a raw file that Firehose wrote again under the same key', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [row(1)]);
    await compact(store);
    await putRaw(store, 'a', [row(1), row(2)]);
    expect(await compact(store)).toMatchObject({ rows: 2, rawFilesAbsorbed: 1 });
  });

  it('leaves a file that it can not read, says so, and does not seal', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [row(1)]);
    const key = `order/raw/dt=${date}/hour=10/broken.parquet`;
    await store.put(key, new TextEncoder().encode('PAR1 this is not Parquet PAR1'));
    const result = await compact(store, { seal: true });
    expect(result).toMatchObject({ rows: 1, rawFilesAbsorbed: 1, sealed: false });
    expect(result.refused).toEqual([{ key, reason: expect.stringMatching(/./) }]);
  });

  it('deletes absorbed and replaced files after the grace period, not before', async () => {
    let nowMs = Date.parse(`${date}T12:00:00Z`);
    const now = () => nowMs;
    const store = new MemoryObjectStore({ now });
    const objects = async (prefix: string) => {
      const keys: string[] = [];
      for await (const { key } of store.list(prefix)) keys.push(key);
      return keys.length;
    };
    await putRaw(store, 'a', [row(1)]);
    await compact(store, { now });
    await putRaw(store, 'b', [row(2)]);
    await compact(store, { now });
    expect(await objects('order/raw/')).toBe(2);
    expect(await objects('order/compacted/')).toBe(2);

    nowMs += 3_600_000;
    expect(await compact(store, { now })).toMatchObject({ swept: 3 });
    expect(await objects('order/raw/')).toBe(0);
    expect(await objects('order/compacted/')).toBe(1);
    await compact(store, { now });
    const { manifest } = (await readManifest(store, 'order', date))!;
    expect(manifest).toMatchObject({ absorbed: [], replaced: [] });
    expect(await readDay(store)).toHaveLength(2);
    expect(lakeDate(nowMs)).toBe(date);
  });
});
