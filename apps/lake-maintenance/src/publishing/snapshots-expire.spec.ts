import { MemoryObjectStore, readManifest } from '@sluice/lake-layout';
import {
  bucket,
  compact,
  date,
  filesOf,
  noonMs,
  order,
  orderRow,
  putRaw,
} from '../compaction/testing';
import { TablePublisher } from './table-publisher';
import { readTableState } from './table-state';
import { lookedUpRows, publishedRows, snapshotRows } from './testing';

const hourMs = 3_600_000;
let nowMs = noonMs;
const now = () => nowMs;
beforeEach(() => (nowMs = noonMs));

/** Runs compaction and its publisher once, like the function. */
async function run(publisher: TablePublisher, store: MemoryObjectStore) {
  await publisher.open();
  await compact(store, {
    now,
    publication: publisher,
    chooseLayout: filesOf(100),
    sealAfterMs: 1e12,
  });
  return publisher.publish({ sawAll: true });
}

const snapshotsOf = async (store: MemoryObjectStore) =>
  (await readTableState({ store, bucket, table: 'order' }, { nowMs }))?.metadata.snapshots ?? [];

const keysOf = async (store: MemoryObjectStore, prefix: string): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
};

test('every snapshot that is kept stays readable, while older ones and their files go', async () => {
  const store = new MemoryObjectStore({ now });
  const retention = { maxAgeMs: 4 * hourMs, minSnapshots: 1 };
  const publisher = new TablePublisher({ store, bucket, eventType: order, retention, now });
  const rowsAt = new Map<number, readonly string[]>();
  for (let hour = 0; hour < 11; hour++) {
    await putRaw(store, `raw-${hour}`, [orderRow(hour), orderRow(Math.floor(hour / 2))]);
    expect(await run(publisher, store)).toMatchObject({ days: [date], lagMs: 0 });
    const snapshots = await snapshotsOf(store);
    rowsAt.set(snapshots.at(-1)!['snapshot-id'], await lookedUpRows(store));
    if (hour % 5 === 0)
      for (const snapshot of snapshots)
        expect(await snapshotRows(store, snapshot)).toEqual(rowsAt.get(snapshot['snapshot-id']));
    nowMs += hourMs;
  }
  // Those of the last 4 hours, the first and the last included.
  expect(await snapshotsOf(store)).toHaveLength(5);
  expect((await keysOf(store, 'order/compacted/')).length).toBeLessThan(11);
  const lists = (await keysOf(store, 'order/iceberg/metadata/snap-')).length;
  expect(lists).toBeGreaterThanOrEqual(5);
  expect(lists).toBeLessThan(9);
});

test('a dry run names what it would take away, and takes nothing', async () => {
  const store = new MemoryObjectStore({ now });
  const publisher = new TablePublisher({ store, bucket, eventType: order, now });
  for (let hour = 0; hour < 4; hour++) {
    await putRaw(store, `raw-${hour}`, [orderRow(hour)]);
    await run(publisher, store);
    nowMs += 2 * hourMs;
  }
  const before = await keysOf(store, 'order/');
  const retention = { maxAgeMs: 0, minSnapshots: 2 };
  const planned = await publisher.expire({ retention, dryRun: true });
  expect(planned).toMatchObject({ expired: [noonMs, noonMs + 2 * hourMs], kept: 2 });
  expect(await keysOf(store, 'order/')).toEqual(before);

  expect(await publisher.expire({ retention })).toEqual(planned);
  const after = new Set(await keysOf(store, 'order/'));
  expect(before.filter((key) => !after.has(key))).toEqual(planned.deleted);
  expect(planned.deleted.length).toBeGreaterThan(2);
  expect(await publishedRows(store)).toEqual(await lookedUpRows(store));
  for (const snapshot of await snapshotsOf(store)) await snapshotRows(store, snapshot);
});

test('what a publisher left that was stopped goes after an hour', async () => {
  const store = new MemoryObjectStore({ now });
  const publisher = new TablePublisher({ store, bucket, eventType: order, now });
  await putRaw(store, 'a', [orderRow(1)]);
  await run(publisher, store);
  const left = 'order/iceberg/metadata/snap-99-cafe.avro';
  await store.put(left, new Uint8Array(1));
  expect((await publisher.expire()).deleted).toEqual([]);
  nowMs += hourMs;
  expect((await publisher.expire()).deleted).toEqual([left]);
});

test('without a snapshot of the table, replaced files go as ever', async () => {
  const store = new MemoryObjectStore({ now });
  const publisher = new TablePublisher({ store, bucket, eventType: order, now });
  await publisher.open();
  await putRaw(store, 'a', [orderRow(1)]);
  await compact(store);
  const { manifest } = (await readManifest(store, 'order', date))!;
  expect(publisher.mayName(manifest, noonMs)).toBe(false);
});
