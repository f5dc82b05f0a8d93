import {
  commitManifest,
  compactedKey,
  dayAfter,
  keyOfPath,
  MemoryObjectStore,
  readManifest,
  type CompactedFile,
  type Manifest,
} from '@sluice/lake-layout';
import { currentSnapshot, decodeManifestList } from '@sluice/iceberg-metadata';
import { bucket, compact, date, noonMs, order, orderRow, putRaw } from '../compaction/testing';
import { TablePublisher } from './table-publisher';
import { readTableState } from './table-state';

const dayCount = 400;
const filesOfFullDay = 100;

const store = new MemoryObjectStore({ now: () => noonMs });
let catalogRequests = 0;
const publisher = new TablePublisher({
  store,
  bucket,
  eventType: order,
  catalog: {
    point: () => {
      catalogRequests++;
      return Promise.resolve();
    },
  },
  now: () => noonMs,
});
let model: Manifest;

/** Stores a day whose files have the content of the model's one file. */
async function putDay(day: string, files: number, name = 'first'): Promise<Manifest> {
  const [file] = model.files as readonly [CompactedFile];
  const { bytes } = await store.get(file.key);
  const copies: CompactedFile[] = [];
  for (let index = 0; index < files; index++) {
    const key = compactedKey('order', day, `${name}-${index}`);
    const { etag } = await store.put(key, bytes);
    copies.push({ ...file, key, etag, run: index });
  }
  const manifest = { ...model, date: day, files: copies };
  await commitManifest(store, manifest, await readManifest(store, 'order', day));
  return manifest;
}

const dayOf = (index: number): string => dayAfter(date, -index);

beforeAll(async () => {
  await putRaw(store, 'a', [orderRow(1), orderRow(2)]);
  await compact(store);
  model = (await readManifest(store, 'order', date))!.manifest;
  await publisher.open();
  for (let index = 1; index < dayCount; index++)
    publisher.see(await putDay(dayOf(index), index === 1 ? filesOfFullDay : 1));
  publisher.see(model);
  await publisher.publish();
});

test('a commit among 400 days costs six requests at most', async () => {
  const changed = await putDay(dayOf(200), 1, 'second');
  const before = store.calls.length;
  catalogRequests = 0;
  await publisher.open();
  publisher.see(changed);
  expect(await publisher.publish()).toMatchObject({ lagMs: 0 });
  expect(catalogRequests).toBe(1);
  expect(store.calls.length - before + catalogRequests).toBeLessThanOrEqual(6);
});

test('a query of one day of 100 files among 400 days reads less than 5 MB of metadata', async () => {
  const state = await readTableState({ store, bucket, table: 'order' }, { nowMs: noonMs });
  const list = currentSnapshot(state!.metadata)!['manifest-list'];
  const sizeOf = async (path: string): Promise<number> =>
    (await store.get(keyOfPath(path))).bytes.length;
  const manifests = await decodeManifestList((await store.get(keyOfPath(list))).bytes);
  expect(new Set(manifests.map(({ dt }) => dt)).size).toBe(dayCount);
  const largest = Math.max(...(await Promise.all(manifests.map(({ path }) => sizeOf(path)))));
  // The list says of each manifest which days are in it, so that an engine opens that of its day alone.
  const read = JSON.stringify(state!.metadata).length + (await sizeOf(list)) + largest;
  expect(read).toBeGreaterThan(filesOfFullDay * 100);
  expect(read).toBeLessThan(5_000_000);
});
