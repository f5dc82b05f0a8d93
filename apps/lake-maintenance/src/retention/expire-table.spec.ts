import { defineEvent, type EventType } from '@sluice/event-schema';
import {
  MemoryObjectStore,
  PreconditionFailedError,
  readManifest,
  unabsorbedFiles,
} from '@sluice/lake-layout';
import { compactTable } from '../compaction/compact-table';
import {
  copyOf,
  listAll,
  order,
  orderRow,
  rawFile,
  rowsOf,
  type OrderRow,
} from '../compaction/testing';
import { FaultyStore } from '@sluice/lake-layout/testing/faulty-store';
import { expireTable, type ExpireTableOptions } from './expire-table';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Date.parse('2026-11-20T12:00:00Z');
const days = ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19'] as const;
const kept = defineEvent({ ...order, retentionDays: 2, errorRetentionDays: 1 });

const keysOf = async (store: MemoryObjectStore): Promise<readonly string[]> =>
  (await listAll(store, '')).map(({ key }) => key);

/** Returns the rows of a day as a reader sees them. */
async function readDay(store: MemoryObjectStore, date: string): Promise<readonly OrderRow[]> {
  const raw = await listAll(store, `order/raw/dt=${date}/`);
  const manifest = (await readManifest(store, 'order', date))?.manifest;
  const files = [
    ...(manifest?.files ?? []),
    ...(manifest?.sealed ? [] : unabsorbedFiles(manifest, raw)),
  ];
  const rows = await Promise.all(
    files.map(async ({ key }) => rowsOf((await store.get(key)).bytes)),
  );
  return rows.flat();
}

/** Makes days of orders, all but the last compacted and sealed, with the objects that belong to them. */
async function makeLake(): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore({ now: () => nowMs - 5 * hourMs });
  const putRaw = (date: string, name: string, rows: readonly OrderRow[]) =>
    store.put(
      `order/raw/dt=${date}/hour=10/${name}.parquet`,
      rawFile(rows.map((row) => ({ ...row, ingested_at: `${date} 10:00:00.000` }))),
    );
  for (const [index, date] of days.entries()) {
    await putRaw(date, 'a', [orderRow(index), orderRow(index + 10)]);
    await store.put(`order/errors/processing-failed/dt=${date}/x`, Buffer.from('{}'));
    await store.put(`order/replays/processing-failed/dt=${date}/x.json`, Buffer.from('{}'));
    await store.put(`results/orders_by_day/symlinks/dt=${date}/symlink.txt`, Buffer.from('s3://x'));
    if (date !== days[3])
      await compactTable({
        store,
        eventType: kept,
        date,
        seal: true,
        now: () => nowMs - 5 * hourMs,
      });
  }
  await putRaw(days[0], 'late', [orderRow(5)]);
  return store;
}

let made: Promise<MemoryObjectStore> | undefined;
const lake = async (): Promise<MemoryObjectStore> =>
  copyOf(await (made ??= makeLake()), { now: () => nowMs });

const expire = (
  store: ExpireTableOptions['store'],
  atMs: number,
  eventType: EventType = kept,
  dryRun = false,
) => expireTable({ store, eventType, joins: ['orders_by_day'], dryRun, now: () => atMs });

test('days past their retention leave look-ups and SQL in one commit each, their files after a grace, their manifests at last', async () => {
  const store = await lake();
  const first = await expire(store, nowMs);
  expect(first.days.map(({ date, rows, files }) => [date, rows, files])).toEqual([
    ['2026-11-16', 2, 2],
    ['2026-11-17', 2, 1],
  ]);
  expect(first).toMatchObject({ complete: true, errorObjects: 6, legalHold: false });
  const commits = store.calls.filter(({ operation }) => operation === 'put').map(({ key }) => key);
  expect(commits).toEqual(days.slice(0, 2).map((date) => `order/manifests/dt=${date}.json`));
  for (const date of days.slice(0, 2)) {
    expect(await readDay(store, date)).toEqual([]);
    // Of the compacted file and of the filter of its keys.
    expect((await readManifest(store, 'order', date))?.manifest.replaced[0]?.keys).toHaveLength(2);
  }
  expect(await readDay(store, days[2])).toHaveLength(2);
  const filesOf = async (date: string) =>
    (await keysOf(store)).filter((key) => key.includes(`dt=${date}`) && key.endsWith('.parquet'));
  // A reader of the manifest before still finds every file.
  expect(await filesOf(days[0])).toHaveLength(2);

  await compactTable({ store, eventType: kept, now: () => nowMs + 2 * hourMs });
  expect(await filesOf(days[0])).toEqual([]);
  expect(await filesOf(days[1])).toEqual([]);
  await compactTable({ store, eventType: kept, now: () => nowMs + 3 * hourMs });
  const second = await expire(store, nowMs + 4 * hourMs);
  expect(second.days).toEqual([]);
  const later = await expireTable({
    store,
    eventType: defineEvent({ ...kept, retentionDays: 32 }),
    now: () => nowMs + 30 * dayMs,
  });
  expect(later.complete).toBe(true);
  expect((await keysOf(store)).filter((key) => /dt=2026-11-1[67]/.test(key))).toEqual([]);
  expect(await readDay(store, days[2])).toHaveLength(2);
});

test('a dry run and a legal hold change nothing', async () => {
  const store = await lake();
  const before = await keysOf(store);
  const dry = await expire(store, nowMs, kept, true);
  expect(dry).toMatchObject({ dryRun: true, errorObjects: 6 });
  expect(dry.days).toHaveLength(2);
  const held = await expire(store, nowMs, defineEvent({ ...kept, legalHold: true }));
  expect(held).toMatchObject({ legalHold: true, days: [], errorObjects: 0 });
  expect((await expire(store, nowMs, order)).days).toEqual([]);
  expect(await keysOf(store)).toEqual(before);
  expect(await readDay(store, days[0])).toHaveLength(2);
});

test('raw files that nothing could absorb go after their own days, the rows of their day stay', async () => {
  const store = await lake();
  const rawOnly = defineEvent({ ...order, rawRetentionDays: 2 });
  const result = await expire(store, nowMs, rawOnly);
  expect(result).toMatchObject({ rawFiles: 1, days: [], errorObjects: 0 });
  expect(await readDay(store, days[0])).toHaveLength(2);
});

test('whatever request it dies at, the next run ends what it began', async () => {
  for (let fails = 1; fails < 120; fails++) {
    const inner = await lake();
    const store = new FaultyStore(inner, Math.ceil(fails / 2), fails % 2 === 0);
    const first = await expire(store, nowMs).then(
      () => 'done',
      () => 'died',
    );
    for (const date of days.slice(2)) expect(await readDay(inner, date)).toHaveLength(2);
    await expire(inner, nowMs);
    expect(await readDay(inner, days[0])).toEqual([]);
    expect(await readDay(inner, days[1])).toEqual([]);
    expect((await keysOf(inner)).some((key) => /errors.*dt=2026-11-1[678]/.test(key))).toBe(false);
    if (first === 'done') return;
  }
  throw new Error('it never came to its end');
});

test('what is left past its retention says for how long, whether the time was up or another writer faster', async () => {
  const store = await lake();
  const cut = await expireTable({
    ...{ store, eventType: kept, now: () => nowMs, deadlineMs: nowMs },
  });
  // Failed records of the 16th were to be kept until the 18th began, its rows a day longer.
  expect(cut).toMatchObject({ complete: false, days: [], overdueMs: 60 * hourMs });
  const raced = await expire(
    {
      ...{ get: (...get) => store.get(...get), delete: (keys) => store.delete(keys) },
      list: (prefix) => store.list(prefix),
      put: (key) => Promise.reject(new PreconditionFailedError(key)),
    },
    nowMs,
  );
  expect(raced).toMatchObject({ complete: false, days: [], overdueMs: 36 * hourMs });
  expect(await expire(store, nowMs)).toMatchObject({ complete: true, overdueMs: 0 });
});
