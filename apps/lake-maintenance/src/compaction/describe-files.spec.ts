import { defineEvent } from '@sluice/event-schema';
import {
  commitManifest,
  decodeKeyFilter,
  filesToken,
  MemoryObjectStore,
  readManifest,
  type CompactedFile,
  type KeyFilter,
  type Manifest,
} from '@sluice/lake-layout';
import { readFooter, unpackFooter } from '@sluice/parquet-reading';
import {
  announce,
  compact,
  date,
  listAll,
  noonMs,
  order,
  orderRow,
  putRaw,
  visibleEvents,
} from './testing';

const manifestOf = async (store: MemoryObjectStore): Promise<Manifest> => {
  const stored = await readManifest(store, 'order', date);
  if (!stored) throw new Error('there is no manifest');
  return stored.manifest;
};

const without = <T extends object, K extends keyof T>(value: T, name: K): Omit<T, K> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key !== name)) as Omit<T, K>;

const places = ['firstRow', 'lastRow', 'moments', 'time', 'arrivals'] as const;

/**
 * Removes the positions of first and last row, which a file that is described later doesn't get: its rows are in the
 * order in which they were written.
 */
const withoutPlaces = (file: CompactedFile): CompactedFile =>
  places.reduce<CompactedFile>((rest, name) => without(rest, name), file);

/** Changes the manifest of a day to what an earlier release would have written. */
async function makeOlder(store: MemoryObjectStore, damage?: 'bytes'): Promise<void> {
  const stored = await readManifest(store, 'order', date);
  if (!stored) throw new Error('there is no manifest');
  const files = stored.manifest.files.map((file) =>
    without(without(withoutPlaces(file), 'packedFooter'), 'microseconds'),
  );
  const manifest = without(stored.manifest, 'keyFilter');
  if (damage) for (const { key, bytes } of files) await store.put(key, new Uint8Array(bytes));
  const etags = await Promise.all(files.map(async ({ key }) => (await store.get(key)).etag));
  await commitManifest(
    store,
    { ...manifest, files: files.map((file, index) => ({ ...file, etag: etags[index] ?? '' })) },
    stored,
  );
}

async function dayOfThreeRows(): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore();
  await putRaw(store, 'a', [orderRow(3), orderRow(1), orderRow(2)]);
  await compact(store, { seal: true });
  await announce(store);
  return store;
}

/** Returns for each file whether its footer in the manifest is that of the file. */
async function haveTheirFooters(store: MemoryObjectStore): Promise<readonly boolean[]> {
  const { files } = await manifestOf(store);
  return Promise.all(
    files.map(async ({ key, packedFooter }) => {
      const { bytes } = await store.get(key);
      const read = (range: { start: number; end: number }) =>
        Promise.resolve(bytes.subarray(range.start, range.end));
      const own = await readFooter({ bytes: bytes.length, read }, { keyColumn: 'id' });
      const pack = Buffer.from(packedFooter ?? '', 'base64');
      const packed = unpackFooter(pack, { keyColumn: 'id' });
      return packed?.rows === own.rows && packed.chunkStarts.join() === own.chunkStarts.join();
    }),
  );
}

test('a file that is written has its footer in the manifest', async () => {
  expect(await haveTheirFooters(await dayOfThreeRows())).toEqual([true]);
});

test('a day of an earlier release gets the footers once compaction looks at it, and stays as it was', async () => {
  const store = await dayOfThreeRows();
  const before = await manifestOf(store);
  await makeOlder(store);
  const older = await manifestOf(store);
  expect(older).toMatchObject({ formatVersion: 1 });
  store.calls.length = 0;
  expect(await compact(store)).toMatchObject({ rows: 3, bytesWritten: 0, complete: true });
  expect(await haveTheirFooters(store)).toEqual([true]);
  expect((await filterOf(store)).mayHold('order-2')).toBe(true);
  const after = await manifestOf(store);
  expect(after).toMatchObject({ formatVersion: 2, sealed: true, announced: true });
  expect({ ...after, updatedAtMs: 0 }).toEqual({
    ...before,
    files: before.files.map((file) => without(withoutPlaces(file), 'microseconds')),
    keyFilter: after.keyFilter,
    updatedAtMs: 0,
  });
  expect(await visibleEvents(store)).toHaveLength(3);
  const sealedAgain = store.calls.filter(({ key }) => key.startsWith('order/sealed/'));
  expect(sealedAgain).toEqual([]);
});

/** Returns the filter that the manifest names. */
async function filterOf(store: MemoryObjectStore): Promise<KeyFilter> {
  const { keyFilter, files } = await manifestOf(store);
  if (keyFilter?.of !== filesToken(files)) throw new Error('there is no filter of these files');
  const { bytes } = await store.get(keyFilter.key, { ifMatch: keyFilter.etag });
  const filter = decodeKeyFilter(bytes);
  if (!filter) throw new Error('the filter can not be read');
  return filter;
}

test('a sealed day has a filter of its keys, an open one has none', async () => {
  const store = new MemoryObjectStore({ now: () => noonMs });
  await putRaw(store, 'a', [orderRow(3), orderRow(1), orderRow(1, 7), orderRow(2)]);
  await compact(store);
  expect((await manifestOf(store)).keyFilter).toBeUndefined();
  await compact(store, { seal: true });
  const filter = await filterOf(store);
  expect([1, 2, 3].map((id) => filter.mayHold(`order-${id}`))).toEqual([true, true, true]);
  expect((await manifestOf(store)).keyFilter).toMatchObject({ keys: 3 });
  const others = Array.from({ length: 2_000 }, (_, id) => filter.mayHold(`order-${id + 4}`));
  expect(others.filter(Boolean).length).toBeLessThan(40);
});

test('a filter is of the keys wherever their column stands in the table', async () => {
  const eventType = defineEvent({
    ...order,
    key: 'amount',
    schema: { ...order.schema, required: ['id', 'event', 'amount'] },
  });
  const store = new MemoryObjectStore({ now: () => noonMs });
  await putRaw(store, 'a', [orderRow(3), orderRow(1)]);
  await compact(store, { eventType, seal: true });
  const filter = await filterOf(store);
  expect(['10', '30', 'order-1', 'order-3'].map((key) => filter.mayHold(key))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('a late row makes a sealed day one without a filter, then one with another, and the old one is swept', async () => {
  const store = await dayOfThreeRows();
  const before = (await manifestOf(store)).keyFilter?.key ?? '';
  await putRaw(store, 'late', [orderRow(9)]);
  await compact(store);
  expect((await manifestOf(store)).keyFilter).toBeUndefined();
  await compact(store, { seal: true });
  expect((await filterOf(store)).mayHold('order-9')).toBe(true);
  expect(await listAll(store, 'order/filters/')).toHaveLength(2);
  await compact(store, { now: () => Date.now() + 2 * 3_600_000 });
  const left = await listAll(store, 'order/filters/');
  expect(left.map(({ key }) => key)).toEqual([(await manifestOf(store)).keyFilter?.key]);
  expect(left.map(({ key }) => key)).not.toContain(before);
});

test('a damaged file of an earlier release is told of, and keeps nothing else from being done', async () => {
  const store = await dayOfThreeRows();
  await makeOlder(store, 'bytes');
  const result = await compact(store);
  expect(result.complete).toBe(true);
  expect(result.refused).toEqual([
    {
      key: expect.stringContaining('order/compacted/'),
      reason: expect.stringContaining('does not end with PAR1'),
    },
  ]);
});
