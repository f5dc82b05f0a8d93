import {
  commitManifest,
  filesToken,
  manifestKey,
  MemoryObjectStore,
  readManifest,
  sealedMarkerKey,
  type CompactedFile,
  type LakeDate,
} from '@sluice/lake-layout';
import { writeParquet } from '@sluice/parquet-writing';
import { parquetMetadata } from 'hyparquet';
import { compactDay } from '../compaction/compact-day';
import {
  announce,
  bucket,
  date,
  filesOf,
  order,
  orderRow,
  rawFile,
  rowsOf,
  rowTable,
} from '../compaction/testing';
import { maintain } from '../maintain';
import { compactAndPublish } from './compact-and-publish';
import { TablePublisher } from './table-publisher';
import { lookedUpRows, publishedRows } from './testing';

const hourMs = 3_600_000;
const now = () => Date.parse('2026-11-25T12:00:00Z');
const days = ['2026-11-18', '2026-11-19', date] as const;

const published = (store: MemoryObjectStore, maxRewrittenDays?: number) =>
  compactAndPublish({
    publisher: new TablePublisher({ store, bucket, eventType: order, now }),
    store,
    now,
    ...(maxRewrittenDays !== undefined && { maxRewrittenDays }),
  });

const filesOn = async (store: MemoryObjectStore, day: LakeDate) =>
  (await readManifest(store, 'order', day))?.manifest.files ?? [];

/** Returns the unit of the column `ingested_at` in each file of a day. */
const unitsOn = async (store: MemoryObjectStore, day: LakeDate) =>
  Promise.all(
    (await filesOn(store, day)).map(async ({ key }) => {
      const { bytes } = await store.get(key);
      const column = parquetMetadata(bytes.slice().buffer).schema.find(
        ({ name }) => name === 'ingested_at',
      );
      return column?.logical_type?.type === 'TIMESTAMP' ? column.logical_type.unit : undefined;
    }),
  );

/**
 * Makes sealed, swept days as an earlier release wrote them: times in milliseconds, and a manifest that does not
 * mention the unit.
 */
async function earlierLake(): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore({ now: () => now() - 48 * hourMs });
  for (const day of days) {
    const raw = [orderRow(3), orderRow(1), orderRow(2)].map((row) => ({ ...row }));
    await store.put(`order/raw/dt=${day}/hour=10/a.parquet`, rawFile(raw));
    const options = { store, bucket, eventType: order, date: day, chooseLayout: filesOf(2) };
    for (const ageMs of [30, 20, 10])
      await compactDay({ ...options, now: () => now() - ageMs * hourMs });
    await announce(store, 'order', day);
    const stored = (await readManifest(store, 'order', day))!;
    expect(stored.manifest).toMatchObject({ sealed: true, absorbed: [], replaced: [] });
    const files = await Promise.all(stored.manifest.files.map((file) => inMillis(store, file)));
    const { keyFilter } = stored.manifest;
    await commitManifest(
      store,
      { ...stored.manifest, files, keyFilter: { ...keyFilter!, of: filesToken(files) } },
      stored,
    );
  }
  return store;
}

/** Returns an object without some of its members, as an earlier release wrote it. */
const without = <T extends object, Name extends keyof T>(
  value: T,
  names: readonly Name[],
): Omit<T, Name> =>
  Object.fromEntries(
    Object.entries(value).filter(([name]) => !(names as readonly string[]).includes(name)),
  ) as Omit<T, Name>;

async function inMillis(store: MemoryObjectStore, file: CompactedFile): Promise<CompactedFile> {
  const older = without(file, ['microseconds', 'packedFooter', 'footerCrc32']);
  const rows = rowsOf((await store.get(file.key)).bytes).map(({ id, event_id: event, amount }) => ({
    id,
    event_id: event,
    amount: Number(amount),
  }));
  const { bytes, footerBytes } = writeParquet(rowTable(rows), {
    codec: 'zstd',
    rowGroupRows: 128,
    statistics: ['id'],
  });
  const { etag } = await store.put(file.key, bytes);
  return { ...older, bytes: bytes.length, etag, footerBytes };
}

const lake = earlierLake();
const copy = async () => {
  const store = new MemoryObjectStore({ now });
  for await (const { key } of (await lake).list(''))
    await store.put(key, (await (await lake).get(key)).bytes);
  return store;
};

describe('days of an earlier release', () => {
  it('are written anew in microseconds before other engines see them, some in each run, the newest first', async () => {
    const store = await copy();
    const before = await lookedUpRows(store, days);
    const marker = (await store.get(sealedMarkerKey('order', date))).etag;
    expect(await unitsOn(store, date)).toEqual(['MILLIS', 'MILLIS']);

    expect((await published(store, 2)).published).toMatchObject({
      days: [date, '2026-11-19'],
      waitingDays: 1,
      lagMs: 0,
    });
    expect(await unitsOn(store, date)).toEqual(['MICROS', 'MICROS']);
    expect(await unitsOn(store, '2026-11-18')).toEqual(['MILLIS', 'MILLIS']);
    expect(await publishedRows(store)).toEqual(await lookedUpRows(store, days.slice(1)));

    expect((await published(store, 2)).published).toMatchObject({ waitingDays: 0 });
    expect(await publishedRows(store)).toEqual(await lookedUpRows(store, days));
    const inMicros = (rows: readonly string[]) =>
      rows.map((row) => row.replace(/("ingested_at":\d{13})(000)?}/, '$1}'));
    expect(inMicros(await lookedUpRows(store, days))).toEqual(inMicros(before));
    // The rows are those that were announced, and the filter of their keys is of the new files.
    const { manifest } = (await readManifest(store, 'order', date))!;
    expect(manifest).toMatchObject({ sealed: true, announced: true });
    expect(manifest.keyFilter?.of).toBe(filesToken(manifest.files));
    expect((await store.get(sealedMarkerKey('order', date))).etag).toBe(marker);
  });

  it('stay as they are where nobody publishes the table', async () => {
    const store = await copy();
    await compactDay({ store, eventType: order, date, now });
    expect(await unitsOn(store, date)).toEqual(['MILLIS', 'MILLIS']);
  });

  it('with a file that can not be read wait, named, and keep no other day waiting', async () => {
    const store = await copy();
    const [first] = await filesOn(store, date);
    await store.put(first!.key, new Uint8Array(first!.bytes));
    const { days: compacted, published: table } = await published(store, 3);
    expect(compacted.flatMap(({ refused }) => refused.map(({ key }) => key))).toEqual([first!.key]);
    expect(table).toMatchObject({ waitingDays: 1 });
    expect(await publishedRows(store)).toEqual(await lookedUpRows(store, days.slice(0, 2)));
  });
});

describe('a day that can not be compacted', () => {
  it('keeps no other day of its table from being published, nor the figures from being told', async () => {
    const store = new MemoryObjectStore({ now });
    for (const day of days)
      await store.put(`order/raw/dt=${day}/hour=10/a.parquet`, rawFile([{ ...orderRow(1) }]));
    await store.put(manifestKey('order', date), new TextEncoder().encode('{'));
    const send = () => Promise.reject(new Error('nothing is to be sent'));
    const maintained = maintain({}, Infinity, { store, bucket, send, eventTypes: [order], now });
    await expect(maintained).rejects.toMatchObject({
      message: expect.stringContaining(`order was not compacted on ${date}`) as string,
      summary: {
        complete: false,
        days: [{ date: '2026-11-19' }, { date: '2026-11-18' }],
        published: [{ days: ['2026-11-19', '2026-11-18'] }],
      },
    });
    expect(await publishedRows(store)).toEqual(await lookedUpRows(store, days.slice(0, 2)));
  });
});

describe('a day that has been emptied', () => {
  it('is in the table no more', async () => {
    const store = new MemoryObjectStore({ now });
    for (const day of days)
      await store.put(`order/raw/dt=${day}/hour=10/a.parquet`, rawFile([{ ...orderRow(1) }]));
    await published(store);
    const stored = (await readManifest(store, 'order', date))!;
    const manifest = without(stored.manifest, ['keyFilter']);
    await commitManifest(store, { ...manifest, files: [] }, stored);
    await store.delete([manifestKey('order', '2026-11-19')]);
    for (const day of days) await store.delete([`order/raw/dt=${day}/hour=10/a.parquet`]);
    expect((await published(store)).published).toMatchObject({
      days: expect.arrayContaining([date, '2026-11-19']) as string[],
      lagMs: 0,
    });
    expect(await publishedRows(store)).toEqual(await lookedUpRows(store, ['2026-11-18']));
    expect((await published(store)).published.days).toEqual([]);
  });
});
