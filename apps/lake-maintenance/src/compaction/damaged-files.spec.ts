import {
  DamagedObjectError,
  manifestKey,
  MemoryObjectStore,
  readManifest,
  rawPrefix,
} from '@sluice/lake-layout';
import { maintain } from '../maintain';
import { compactTable, FailedDaysError } from './compact-table';
import { bucket, compact, date, order, orderRow, putRaw, rawFile, visibleEvents } from './testing';

const rows = Array.from({ length: 50 }, (_, id) => orderRow(id));

/** Returns a store that flips one bit of one object whenever it is read. */
const withFlippedBit = (store: MemoryObjectStore, key: string, at: number): MemoryObjectStore => {
  const get = store.get.bind(store);
  store.get = async (wanted, options) => {
    const object = await get(wanted, options);
    if (wanted === key) object.bytes[at]! ^= 1;
    return object;
  };
  return store;
};

const keyBelow = async (store: MemoryObjectStore, prefix: string): Promise<string> => {
  for await (const { key } of store.list(prefix)) return key;
  throw new Error(`there is nothing below ${prefix}`);
};

test('a raw file with a changed bit is left aside with its name, and the others are taken', async () => {
  const store = new MemoryObjectStore();
  await putRaw(store, 'a', rows.slice(0, 25));
  const damaged = await keyBelow(store, rawPrefix('order', date));
  await putRaw(store, 'b', rows.slice(25));
  const result = await compact(withFlippedBit(store, damaged, 60));
  expect(result).toMatchObject({ rows: 25, rawFilesAbsorbed: 1, sealed: false });
  expect(result.refused).toEqual([
    { key: damaged, reason: expect.stringMatching(/wrong checksum|page|metadata/) as string },
  ]);
});

test('a raw file without a byte is left aside with its name', async () => {
  const store = new MemoryObjectStore();
  await putRaw(store, 'a', rows);
  const key = `${rawPrefix('order', date)}hour=12/cut-short.parquet`;
  await store.put(key, new Uint8Array());
  expect((await compact(store, { seal: true })).refused).toEqual([
    { key, reason: 'the file has no bytes: whoever wrote it was interrupted' },
  ]);
});

test('a compacted file with a changed bit goes into no other file, and is named', async () => {
  const store = new MemoryObjectStore();
  await putRaw(store, 'a', rows.slice(0, 25));
  await compact(store);
  const { manifest } = (await readManifest(store, 'order', date))!;
  const [file] = manifest.files;
  expect(file?.footerCrc32).toEqual(expect.any(Number));
  const events = await visibleEvents(store);
  await putRaw(store, 'b', rows.slice(25));
  for (const at of [60, file!.bytes - 40]) {
    const merging = compact(withFlippedBit(store, file!.key, at), { seal: true });
    await expect(merging).rejects.toThrow(DamagedObjectError);
    await expect(merging).rejects.toThrow(file!.key);
    // The bits as they were again.
    Reflect.deleteProperty(store, 'get');
  }
  expect(events).toHaveLength(25);
  await compact(store, { seal: true });
  expect(await visibleEvents(store)).toHaveLength(50);
});

describe('one damaged day', () => {
  const yesterday = '2026-11-19';

  async function twoDays(): Promise<MemoryObjectStore> {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', rows.slice(0, 25));
    await compact(store);
    await putRaw(store, 'b', rows.slice(25));
    await store.put(
      `${rawPrefix('order', yesterday)}hour=12/c.parquet`,
      rawFile([{ ...orderRow(99) }]),
    );
    return store;
  }

  const table = (store: MemoryObjectStore) => ({ store, bucket, eventType: order, seal: true });

  test('keeps no other day from being compacted, and is named', async () => {
    const store = await twoDays();
    const { manifest } = (await readManifest(store, 'order', date))!;
    const { key } = manifest.files[0]!;
    const compacting = compactTable(table(withFlippedBit(store, key, 60)));
    await expect(compacting).rejects.toThrow(FailedDaysError);
    await expect(compacting).rejects.toThrow(
      `order was not compacted on ${date}: ${key} is damaged`,
    );
    expect((await readManifest(store, 'order', yesterday))?.manifest.files).toHaveLength(1);
  });

  test('may be one of a damaged manifest', async () => {
    const store = await twoDays();
    await store.put(manifestKey('order', date), new TextEncoder().encode('{'));
    for await (const { key } of store.list(rawPrefix('order', date))) await store.delete([key]);
    await expect(compactTable(table(store))).rejects.toThrow(
      `order was not compacted on ${date}: manifest ${manifestKey('order', date)}`,
    );
    expect((await readManifest(store, 'order', yesterday))?.manifest.files).toHaveLength(1);
  });

  test('of one table keeps no other table from being compacted', async () => {
    const store = await twoDays();
    await store.put(manifestKey('order', date), new TextEncoder().encode('{'));
    const other = { ...order, name: 'other' };
    await store.put(`${rawPrefix('other', date)}hour=12/d.parquet`, rawFile([{ ...orderRow(1) }]));
    await expect(
      maintain({ action: 'compact' }, Infinity, {
        store,
        bucket,
        send: () => Promise.reject(new Error('nothing is to be sent')),
        eventTypes: [order, other],
      }),
    ).rejects.toThrow(`order was not compacted on ${date}`);
    expect((await readManifest(store, 'other', date))?.manifest.files).toHaveLength(1);
  });
});
