import {
  DamagedObjectError,
  MemoryObjectStore,
  readManifest,
  rawPrefix,
} from '@sluice/lake-layout';
import { compact, date, orderRow, putRaw, visibleEvents } from './testing';

const rows = Array.from({ length: 50 }, (_, id) => orderRow(id));

/** The store, with one bit of one object changed on its way to whoever reads it. */
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
