import {
  commitManifest,
  manifestKey,
  MemoryObjectStore,
  rawPrefix,
  readManifest,
} from '@sluice/lake-layout';
import { compactAndPublish, TablePublisher } from '@sluice/lake-maintenance';
import { date, order, orderRow, putRaw } from '@sluice/lake-maintenance/testing';
import { verifyLake, type LakeVerdict } from './verify-lake';

/** A lake with compacted files, a raw file that is not absorbed, a snapshot for SQL and a reference table. */
async function lake(): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore();
  await putRaw(
    store,
    'a',
    Array.from({ length: 50 }, (_, id) => orderRow(id)),
  );
  const publisher = new TablePublisher({ store, bucket: 'lake', eventType: order });
  await compactAndPublish({ store, publisher });
  await putRaw(store, 'b', [orderRow(90), orderRow(91)]);
  const [raw] = await keysBelow(store, rawPrefix('order', date));
  const { bytes } = await store.get(raw ?? '');
  await store.put('reference/things/things.parquet', bytes);
  return store;
}

async function keysBelow(store: MemoryObjectStore, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

const verify = (store: MemoryObjectStore): Promise<LakeVerdict> =>
  verifyLake({ store, tables: ['order'], references: true });

const manifest = manifestKey('order', date);

async function compacted(store: MemoryObjectStore): Promise<string> {
  return (await readManifest(store, 'order', date))?.manifest.files[0]?.key ?? '';
}

async function change(
  store: MemoryObjectStore,
  key: string,
  edit: (bytes: Buffer) => Uint8Array,
): Promise<void> {
  await store.put(key, edit(Buffer.from((await store.get(key)).bytes)));
}

const flip =
  (at: number) =>
  (bytes: Buffer): Uint8Array => {
    const place = at < 0 ? bytes.length + at : at;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    return bytes;
  };

test('a sound lake has every file read, and none named', async () => {
  const verdict = await verify(await lake());
  // A manifest, a compacted file, a raw one, three of the snapshot, and the reference table.
  expect(verdict).toMatchObject({ files: 7, damaged: [] });
  expect(verdict.rows).toBeGreaterThanOrEqual(52);
  expect(verdict.bytes).toBeGreaterThan(1000);
});

test('an absorbed raw file is nobody’s business any more', async () => {
  const store = await lake();
  const [first = ''] = await keysBelow(store, rawPrefix('order', date));
  await store.put(first.replace(/[^/]*$/, 'c.parquet'), Buffer.from('no Parquet'));
  expect((await verify(store)).damaged).toHaveLength(1);
  await store.delete([first.replace(/[^/]*$/, 'c.parquet')]);
  expect((await verify(store)).damaged).toEqual([]);
});

test.each<[string, (store: MemoryObjectStore) => Promise<string>, RegExp]>([
  [
    'a bit in a page of a compacted file',
    async (store) => {
      const key = await compacted(store);
      await change(store, key, flip(60));
      return key;
    },
    /checksum|page/,
  ],
  [
    'a bit in the footer of a compacted file',
    async (store) => {
      const key = await compacted(store);
      await change(store, key, flip(-40));
      return key;
    },
    /footer has a wrong checksum/,
  ],
  [
    'a compacted file that is shorter',
    async (store) => {
      const key = await compacted(store);
      await change(store, key, (bytes) => bytes.subarray(0, -1));
      return key;
    },
    /^the file has \d+ bytes, and the manifest says \d+$/,
  ],
  [
    'another file in its place',
    async (store) => {
      const key = await compacted(store);
      const stored = await readManifest(store, 'order', date);
      if (!stored) throw new Error('no manifest');
      const files = stored.manifest.files.map((file) => ({ ...file, rows: file.rows + 1 }));
      await commitManifest(store, { ...stored.manifest, files }, stored);
      return key;
    },
    /^the file has 50 rows, and the manifest says 51$/,
  ],
  [
    'a compacted file that is gone',
    async (store) => {
      const key = await compacted(store);
      await store.delete([key]);
      return key;
    },
    /^it is listed, and it is not there$/,
  ],
  [
    'a bit in a manifest',
    async (store) => {
      await change(store, manifest, flip(30));
      return manifest;
    },
    /checksum|not JSON|must|at \//,
  ],
  [
    'a raw file that was cut short',
    async (store) => {
      const key = `${rawPrefix('order', date)}hour=23/cut.parquet`;
      await store.put(key, new Uint8Array());
      return key;
    },
    /the file has no bytes|too short/,
  ],
  [
    'a snapshot that names a file that is gone',
    async (store) => {
      const stored = await readManifest(store, 'order', date);
      if (stored) await commitManifest(store, { ...stored.manifest, files: [] }, stored);
      await store.delete([stored?.manifest.files[0]?.key ?? '']);
      return snapshotFile(store, /-data\.avro$/);
    },
    /^it names order\/compacted\/.*\.parquet, which is not there$/,
  ],
  [
    'a list of a snapshot that is cut short',
    async (store) => {
      const key = await snapshotFile(store, /\/snap-[^/]*\.avro$/);
      await change(store, key, (bytes) => bytes.subarray(0, 50));
      return key;
    },
    /^it can't be read: an Avro file of 50 bytes is cut short$/,
  ],
  [
    'a list of a snapshot that lost its last block',
    async (store) => {
      const key = await snapshotFile(store, /\/snap-[^/]*\.avro$/);
      await change(store, key, (bytes) => {
        const sync = bytes.subarray(-16);
        return bytes.subarray(0, Buffer.from(bytes).indexOf(sync) + sync.length);
      });
      return key;
    },
    /^it names 0 files of 1$/,
  ],
  [
    'metadata that is gone',
    async (store) => {
      const key = await snapshotFile(store, /\.metadata\.json$/);
      await store.delete([key]);
      return key;
    },
    /^it is listed, and it is not there$/,
  ],
  [
    'a bit of a reference table',
    async (store) => {
      const key = 'reference/things/things.parquet';
      await change(store, key, (bytes) => bytes.subarray(4));
      return key;
    },
    /./,
  ],
])('%s is named', async (_, damage, problem) => {
  const store = await lake();
  const key = await damage(store);
  const { damaged } = await verify(store);
  expect(damaged.map((file) => file.key)).toContain(key);
  expect(damaged.find((file) => file.key === key)?.problem).toMatch(problem);
});

/** Returns the newest file of the metadata whose key matches. */
async function snapshotFile(store: MemoryObjectStore, pattern: RegExp): Promise<string> {
  const keys = await keysBelow(store, 'order/iceberg/metadata/');
  return keys.filter((key) => pattern.test(key)).at(-1) ?? '';
}

test('a file that compaction replaced meanwhile is passed over', async () => {
  const store = await lake();
  const key = await compacted(store);
  const get = store.get.bind(store);
  store.get = async (wanted, options) => {
    if (wanted === key) {
      const stored = await readManifest({ get }, 'order', date);
      if (stored) await commitManifest(store, { ...stored.manifest, files: [] }, stored);
      await store.delete([key]);
    }
    return get(wanted, options);
  };
  const { damaged } = await verify(store);
  expect(damaged.filter((file) => file.key === key)).toEqual([]);
});

test('a store that does not answer is no damage', async () => {
  const store = await lake();
  store.get = () => Promise.reject(new Error('ECONNRESET'));
  await expect(verify(store)).rejects.toThrow('ECONNRESET');
});
