import { MemoryObjectStore, readManifest } from '@sluice/lake-layout';
import { FaultyStore } from '@sluice/lake-layout/testing/faulty-store';
import {
  bucket,
  compact,
  copyOf,
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

  expect(planned.released?.length).toBeGreaterThan(0);
  expect(await publisher.expire({ retention })).toEqual({ ...planned, released: undefined });
  const after = new Set(await keysOf(store, 'order/'));
  expect(before.filter((key) => !after.has(key))).toEqual(planned.deleted);
  expect(planned.deleted.length).toBeGreaterThan(2);
  expect(await publishedRows(store)).toEqual(await lookedUpRows(store));
  for (const snapshot of await snapshotsOf(store)) await snapshotRows(store, snapshot);
});

test('an expiry that is killed at any request leaves every kept snapshot readable, and the next one ends it', async () => {
  const made = new MemoryObjectStore({ now });
  const options = { bucket, eventType: order, now };
  const publisher = new TablePublisher({ ...options, store: made });
  for (let hour = 0; hour < 3; hour++) {
    await putRaw(made, `raw-${hour}`, [orderRow(hour), orderRow(0)]);
    await run(publisher, made);
    nowMs += 2 * hourMs;
  }
  const wanted = await lookedUpRows(made);
  const retention = { maxAgeMs: 0, minSnapshots: 2 };
  for (const afterEffect of [false, true])
    for (let call = 1; ; call++) {
      const store = await copyOf(made, { now: () => noonMs });
      const faulty = new FaultyStore(store, call, afterEffect);
      const died = await new TablePublisher({ ...options, store: faulty })
        .expire({ retention })
        .then(
          () => false,
          () => true,
        );
      for (const snapshot of await snapshotsOf(store)) await snapshotRows(store, snapshot);
      await new TablePublisher({ ...options, store }).expire({ retention });
      expect(await snapshotsOf(store)).toHaveLength(2);
      expect(await publishedRows(store)).toEqual(wanted);
      if (!died) break;
      expect(call).toBeLessThan(30);
    }
});

test('the retention of the setting is the table’s own, which publishers without one follow', async () => {
  const store = new MemoryObjectStore({ now });
  const retentionSetting = { maxAgeMs: 9 * hourMs, minSnapshots: 3 };
  const options = { store, bucket, eventType: order, now };
  await putRaw(store, 'a', [orderRow(1)]);
  await run(new TablePublisher({ ...options, retentionSetting }), store);
  expect(
    (await readTableState({ store, bucket, table: 'order' }, { nowMs }))?.metadata,
  ).toMatchObject({
    properties: {
      'history.expire.max-snapshot-age-ms': String(9 * hourMs),
      'history.expire.min-snapshots-to-keep': '3',
    },
  });
  for (let hour = 1; hour < 6; hour++) {
    nowMs += 20 * hourMs;
    await putRaw(store, `raw-${hour}`, [orderRow(hour)]);
    await run(new TablePublisher(options), store);
  }
  // Those that were kept, and the one whose commit kept them.
  expect(await snapshotsOf(store)).toHaveLength(4);
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
