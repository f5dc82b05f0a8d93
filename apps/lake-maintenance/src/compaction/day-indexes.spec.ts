import { defineEvent, type EventType } from '@sluice/event-schema';
import {
  filesToken,
  indexPrefix,
  isIndexed,
  keyOfIndexEntry,
  manifestKey,
  manifestPrefix,
  MemoryObjectStore,
  placesIn,
  placesRange,
  placesSizes,
  rawPrefix,
  readManifest,
  type Manifest,
} from '@sluice/lake-layout';
import { eraseSubjects } from '../erasure/erase-subjects';
import { expireTable } from '../retention/expire-table';
import { compactDay, type CompactDayOptions } from './compact-day';
import { readParquetTable, rowsOfGroups } from './read-parquet';
import { announce, bucket, date, filesOf, listAll, noonMs, rawFile } from './testing';
import type { ChooseLayout } from './write-run';

const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'user',
  identity: 'visitId',
  time: 'at',
  indexes: ['session', 'device.id', 'amount'],
  subject: 'user',
  retentionDays: 30,
  schema: {
    type: 'object',
    required: ['user', 'visitId', 'at'],
    properties: {
      user: { type: 'string' },
      visitId: { type: 'string' },
      at: { type: 'string', format: 'date-time' },
      session: { type: 'integer' },
      device: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } },
      amount: { type: 'string', format: 'decimal', precision: 9, scale: 2 },
    },
  },
});

type Row = Readonly<Record<string, unknown>>;

const uuid = (device: number): string =>
  `6BA7B810-9dad-11d1-80b4-${String(device).padStart(12, '0')}`;

const visitRow = (at: number, rest: Row = {}): Row => ({
  user: `user-${at % 17}`,
  visitid: `v${at}`,
  event_id: `v${at}`,
  at: `2026-11-20 09:${String(at % 60).padStart(2, '0')}:00.000`,
  session: at % 5 === 0 ? null : at % 41 === 1 ? 1_000 + at : at % 23,
  device_id: at % 7 === 0 ? null : uuid(at % 11),
  amount: `${at % 13}.50`,
  ...rest,
});

const rows = (first: number, count: number): readonly Row[] =>
  Array.from({ length: count }, (_, index) => visitRow(first + index));

let files = 0;
const putRows = (store: MemoryObjectStore, some: readonly Row[], eventType: EventType = visit) =>
  store.put(
    `${rawPrefix('visit', date)}hour=09/${String(++files).padStart(4, '0')}.parquet`,
    rawFile(some, eventType),
  );

const compact = (store: MemoryObjectStore, options: Partial<CompactDayOptions> = {}) =>
  compactDay({
    store,
    eventType: visit,
    date,
    now: () => noonMs,
    chooseLayout: filesOf(64),
    ...options,
  });

const manifestOf = async (store: MemoryObjectStore): Promise<Manifest> => {
  const stored = await readManifest(store, 'visit', date);
  if (!stored) throw new Error('no manifest');
  return stored.manifest;
};

const rowsOf = async (store: MemoryObjectStore, key: string): Promise<readonly Row[]> =>
  readParquetTable((await store.get(key)).bytes)
    .toArray()
    .map((each: { toJSON(): Row }) => each.toJSON());

const columns = { session: 'session', 'device.id': 'device_id', amount: 'amount' } as const;

const text = (value: unknown): string => `${value as string | bigint}`;

/** The pairs of value and key of an index, and those of the rows of files that are said to be in it. */
async function pairsOf(store: MemoryObjectStore, path: keyof typeof columns) {
  const manifest = await manifestOf(store);
  const entries = new Set<string>();
  for (const { key } of manifest.indexes?.find((each) => each.path === path)?.files ?? [])
    for (const { value, event_id: name } of await rowsOf(store, key))
      entries.add(`${text(value)} ${keyOfIndexEntry(String(name)) ?? ''}`);
  const wanted = new Set<string>();
  for (const file of manifest.files.filter((each) => isIndexed(each, path, manifest)))
    for (const row of await rowsOf(store, file.key)) {
      const value = row[columns[path]];
      if (value !== null) wanted.add(`${text(value).toLowerCase()} ${String(row['user'])}`);
    }
  return { entries, wanted };
}

/**
 * Compares the places of sessions, as a look-up that knows nothing asks for them, with the rows of the day's files.
 *
 * @returns the sessions of few rows that are found in all row groups of their rows, and what is wrong
 */
async function findBySession(store: MemoryObjectStore) {
  const { indexes = [], files: unsorted } = await manifestOf(store);
  const { places } = indexes.find(({ path }) => path === 'session') ?? {};
  const sizeBits = placesSizes.find((bits) => places?.key.endsWith(`/places-${bits}.bin`)) ?? 0;
  const day = [...unsorted].sort((a, b) => (a.key < b.key ? -1 : 1));
  const held = new Map<string, Set<string>>();
  for (const [file, { key }] of day.entries()) {
    const { bytes } = await store.get(key);
    for (const group of rowsOfGroups(bytes).keys())
      for (const { session } of readParquetTable(bytes, [group]).toArray() as Row[])
        if (session !== null)
          held.set(text(session), (held.get(text(session)) ?? new Set()).add(`${file}/${group}`));
  }
  const found: string[] = [];
  const wrong: string[] = [];
  for (const [session, groups] of held) {
    const range = placesRange(session, sizeBits);
    const { bytes: slot } = await store.get(places?.key ?? '', { range });
    const told = placesIn(slot, session, filesToken(day)).map(
      ({ file, group }) => `${file}/${group}`,
    );
    const isRight =
      groups.size > 4 ? told.length === 0 : [...groups].every((at) => told.includes(at));
    if (!isRight) wrong.push(session);
    else if (told.length > 0) found.push(session);
  }
  return { found: found.length, wrong };
}

const expectWhole = async (store: MemoryObjectStore): Promise<void> => {
  const manifest = await manifestOf(store);
  for (const path of Object.keys(columns) as (keyof typeof columns)[]) {
    expect(manifest.files.filter((file) => !isIndexed(file, path, manifest))).toEqual([]);
    const { entries, wanted } = await pairsOf(store, path);
    expect(wanted.size).toBeGreaterThan(3);
    expect([...wanted].filter((pair) => !entries.has(pair))).toEqual([]);
  }
};

it('every commit of a running day has entries for all rows, and a sealed day has one run of them', async () => {
  const store = new MemoryObjectStore();
  for (let batch = 0; batch < 3; batch++) {
    await putRows(store, rows(batch * 200, 200 >> batch));
    // Of an event that was delivered twice, and of rows that move into the files of a merge.
    await putRows(store, [visitRow(3), visitRow(batch * 200 + 1)]);
    const before = store.calls.length;
    await compact(store);
    const commits = store.calls
      .slice(before)
      .filter(
        ({ operation, key }) => operation === 'put' && key.startsWith(manifestPrefix('visit')),
      );
    expect(commits.length).toBeGreaterThan(0);
    await expectWhole(store);
  }
  const { sealed } = await compact(store, { seal: true });
  expect(sealed).toBe(true);
  await expectWhole(store);
  const { indexes = [], files: data } = await manifestOf(store);
  expect(new Set(data.map(({ run }) => run)).size).toBe(1);
  for (const { files: ofIndex, valueFilter } of indexes) {
    expect(new Set(ofIndex.map(({ run }) => run)).size).toBe(1);
    expect(valueFilter?.keys).toBeGreaterThan(3);
  }
  const places = await findBySession(store);
  expect(places.wrong).toEqual([]);
  expect(places.found).toBeGreaterThan(3);
  // An event that came twice has one entry.
  const amount = indexes.find(({ path }) => path === 'amount');
  expect(amount?.files.reduce((sum, each) => sum + each.rows, 0)).toBe(
    data.reduce((sum, each) => sum + each.rows, 0),
  );
});

it('rows are counted once by how long after their own time they arrived, over all steps of the day', async () => {
  const store = new MemoryObjectStore();
  const arrived = (ingested: string, at: string): Row =>
    visitRow(++files, { at, ingested_at: ingested });
  await putRows(store, [
    arrived('2026-11-20 09:00:59.000', '2026-11-20 09:00:00.000'),
    arrived('2026-11-20 09:00:00.000', '2026-11-20 09:10:00.000'),
    arrived('2026-11-20 09:02:00.000', '2026-11-20 09:00:00.000'),
    arrived('2026-11-20 09:00:00.001', '2026-11-19 09:00:00.000'),
  ]);
  expect((await compact(store)).late).toEqual({ minutes: 1, hours: 0, days: 1 });
  await putRows(store, [arrived('2026-11-20 11:00:00.000', '2026-11-20 09:00:00.000')]);
  expect((await compact(store, { seal: true })).late).toEqual({ minutes: 0, hours: 1, days: 0 });
  expect((await compact(store)).late).toBeUndefined();
  expect((await manifestOf(store)).late).toEqual({ minutes: 1, hours: 1, days: 1 });
});

it('a day of an earlier release, and one whose index is new, get entries step by step without a change of their rows', async () => {
  const store = new MemoryObjectStore();
  const earlier = { ...visit, indexes: [] };
  for (let batch = 0; batch < 3; batch++) await putRows(store, rows(batch * 100, 100));
  await compact(store, { eventType: earlier, seal: true });
  await announce(store, 'visit');
  const before = await manifestOf(store);
  expect(before.indexes).toBeUndefined();
  await compact(store, { onlyIndexes: true, maxStepBytes: 1 });
  const after = await manifestOf(store);
  expect(after).toMatchObject({ sealed: true, announced: true });
  expect(after.files.map(({ key }) => key).sort()).toEqual(
    before.files.map(({ key }) => key).sort(),
  );
  await expectWhole(store);
  expect((await findBySession(store)).found).toBeGreaterThan(3);
  expect((await compact(store, { onlyIndexes: true })).complete).toBe(true);
});

it('an index that a definition lost and got again is made anew', async () => {
  const store = new MemoryObjectStore();
  await putRows(store, rows(0, 200));
  await compact(store, { seal: true });
  const without = { ...visit, indexes: ['amount'] };
  await putRows(store, rows(200, 5));
  await compact(store, { eventType: without, seal: true });
  await compact(store, { onlyIndexes: true, maxStepBytes: 1 });
  await expectWhole(store);
});

/** The entries of all indexes of the day, as texts. */
async function entriesOf(store: MemoryObjectStore): Promise<readonly string[]> {
  const { indexes = [] } = await manifestOf(store);
  const entries: string[] = [];
  for (const { path, files: ofIndex } of indexes)
    for (const { key } of ofIndex)
      for (const { value, moment, event_id: name } of await rowsOf(store, key))
        entries.push([path, value, moment, name].map(text).join(' '));
  return entries.sort();
}

const erase = (
  store: MemoryObjectStore,
  subject: string,
  eventType: EventType = visit,
  chooseLayout: ChooseLayout = filesOf(64),
) =>
  eraseSubjects({
    ...{ store, bucket, eventType, now: () => noonMs, chooseLayout },
    subjects: [{ subject }],
  });

it('an erasure leaves no entry of the person, and those that an index made anew would have', async () => {
  const store = new MemoryObjectStore();
  await putRows(store, rows(0, 300));
  await compact(store, { seal: true });
  await erase(store, 'user-3');
  const left = await entriesOf(store);
  expect(left.filter((entry) => entry.includes(':user-3'))).toEqual([]);
  await expectWhole(store);
  // The same day without its indexes, which compaction then makes of nothing but its rows.
  await compact(store, { eventType: { ...visit, indexes: [] } });
  const manifest = await manifestOf(store);
  await store.put(
    manifestKey('visit', date),
    Buffer.from(JSON.stringify({ ...manifest, indexes: undefined })),
  );
  await compact(store, { onlyIndexes: true });
  expect(await entriesOf(store)).toEqual(left);
});

it('an erasure by an index reads the files that hold the person and the indexes, and writes anew what had the person', async () => {
  const byDevice = { ...visit, key: 'visitId', subject: 'session' };
  const store = new MemoryObjectStore();
  await putRows(store, rows(0, 2_000), byDevice);
  // With bounds of the key, as files have them.
  const chooseLayout: ChooseLayout = (...sorted) => ({
    ...filesOf(64)(...sorted),
    statistics: ['visitid'],
  });
  const options = { eventType: byDevice, chooseLayout };
  await compact(store, { ...options, seal: true });
  await compact(store, options);
  // Publishes the table to other engines, for which each file is read once.
  await erase(store, '999999', byDevice, chooseLayout);
  const before = await manifestOf(store);
  const [held = 0] = rows(0, 2_000).flatMap(({ session }) =>
    Number(session) > 1_900 ? [session] : [],
  );
  store.calls.length = 0;
  const [report] = await erase(store, text(held), byDevice, chooseLayout);
  expect(report?.days).toMatchObject([{ rows: 1 }]);
  const after = await manifestOf(store);
  const read = (isOf: (key: string) => boolean): number =>
    store.calls.filter(({ operation, key }) => operation === 'get' && isOf(key)).length;
  // Of 32 files one is read to find the person, and to be written anew; of the new one other engines are told.
  expect(before.files.length).toBeGreaterThan(20);
  expect(read((key) => key.includes('/compacted/'))).toBeLessThanOrEqual(4);
  const lost = (files: Manifest['files'], kept: Manifest['files']): number =>
    files.filter(({ key }) => !kept.some((one) => one.key === key)).length;
  expect(lost(before.files, after.files)).toBe(1);
  for (const { path, files: ofIndex } of before.indexes ?? [])
    expect(
      lost(ofIndex, after.indexes?.find((each) => each.path === path)?.files ?? []),
    ).toBeLessThanOrEqual(1);
  // Each index file once for its names, that which changes once more, and the range that told where the person is.
  const indexFiles = (before.indexes ?? []).flatMap(({ files: ofIndex }) => ofIndex).length;
  expect(read((key) => key.startsWith(indexPrefix('visit', date)))).toBeLessThanOrEqual(
    indexFiles + 3 + 2,
  );
});

it('an erasure takes out entries of copies that count no more, and keeps those of a copy in another file', async () => {
  const store = new MemoryObjectStore();
  // The event came again as another device's: its first copy counts, and the index has entries of both.
  await putRows(store, [visitRow(3), ...rows(20, 30)]);
  await compact(store);
  await putRows(store, [
    visitRow(3, { session: 77, device_id: uuid(99), ingested_at: '2026-11-20 11:00:00.000' }),
  ]);
  await compact(store, { seal: true });
  const stale = (entries: readonly string[]) =>
    entries.filter((entry) => entry.includes(':user-3e'));
  expect(stale(await entriesOf(store)).some((entry) => entry.startsWith('session 77 '))).toBe(true);
  await erase(store, 'user-3');
  expect(stale(await entriesOf(store))).toEqual([]);
  await expectWhole(store);

  // Of an open day two files may have the event, and only one of them names the person.
  const open = new MemoryObjectStore();
  const bySession = { ...visit, subject: 'session' };
  await putRows(open, [visitRow(3, { session: 50 }), ...rows(20, 200)], bySession);
  await compact(open, { eventType: bySession });
  await putRows(open, [visitRow(3, { session: 51 })], bySession);
  await compact(open, { eventType: bySession });
  expect((await manifestOf(open)).files.filter(({ minKey }) => minKey === 'user-3')).toHaveLength(
    1,
  );
  await erase(open, '50', bySession);
  const left = await entriesOf(open);
  expect(left.some((entry) => entry.startsWith('session 50 '))).toBe(false);
  expect(left.some((entry) => entry.startsWith('session 51 '))).toBe(true);
  await expectWhole(open);
});

it('what a commit replaced is swept after the grace period, and everything with the day', async () => {
  const store = new MemoryObjectStore({ now: () => noonMs });
  for (let batch = 0; batch < 3; batch++) {
    await putRows(store, rows(batch * 100, 100));
    await compact(store);
  }
  await compact(store, { seal: true });
  const named = async (): Promise<number> =>
    ((await manifestOf(store)).indexes ?? []).flatMap(({ files: ofIndex, places = [] }) =>
      [ofIndex, places].flat(),
    ).length;
  const stored = async (): Promise<number> =>
    (await listAll(store, indexPrefix('visit', date))).length;
  expect(await stored()).toBeGreaterThan(await named());
  await compact(store, { now: () => noonMs + 2 * 3_600_000 });
  expect(await stored()).toBe(await named());
  await expectWhole(store);
  const later = noonMs + 40 * 86_400_000;
  await expireTable({ store, eventType: visit, now: () => later });
  await expireTable({ store, eventType: visit, now: () => later + 7_200_000 });
  expect(await stored()).toBe(0);
});
