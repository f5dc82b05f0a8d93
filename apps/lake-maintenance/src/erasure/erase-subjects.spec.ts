import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore, readManifest } from '@sluice/lake-layout';
import { currentHash, KeyedHash, readHashKeys } from '@sluice/privacy';
import {
  bucket,
  compact,
  copyOf,
  date,
  filesOf,
  listAll,
  noonMs,
  order,
  orderRow,
  putRaw,
  rawFile,
  rawKey,
  rowsOf,
  visibleEvents,
} from '../compaction/testing';
import { compactAndPublish } from '../publishing/compact-and-publish';
import { publishedRows } from '../publishing/testing';
import { TablePublisher } from '../publishing/table-publisher';
import { FaultyStore } from '@sluice/lake-layout/testing/faulty-store';
import { ErasureError, eraseSubjects } from './erase-subjects';
import { erase, eventType, marked } from './erasure-under-test';

const hourMs = 3_600_000;

/** Makes a day of 12 orders in files of four, and a raw file that is not absorbed; two rows belong to the person. */
async function lake(): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore({ now: () => noonMs });
  await putRaw(
    store,
    'a',
    Array.from({ length: 12 }, (_, id) => orderRow(id)),
  );
  await compact(store, { seal: false, chooseLayout: filesOf(4) });
  await putRaw(store, 'b', [orderRow(4, 40), orderRow(50)]);
  const line = (body: string): string =>
    `${JSON.stringify({ arrivalTimestamp: 1, errorCode: 'x', errorMessage: 'y', rawData: Buffer.from(body).toString('base64') })}\n`;
  await store.put(
    `order/errors/processing-failed/dt=${date}/e`,
    Buffer.from(
      line('{"id":"order-4"}') + line('{"id":"order-5"}') + line('{"id":"\\u006frder-4"}'),
    ),
  );
  return store;
}

/** Returns the text of all objects, with Parquet decoded. */
async function everything(store: MemoryObjectStore): Promise<string> {
  const texts: string[] = [];
  for (const { key } of await listAll(store, '')) {
    const { bytes } = await store.get(key);
    texts.push(
      key,
      key.endsWith('.parquet')
        ? rowsOf(bytes)
            .map(({ id, event_id }) => `${id} ${event_id}`)
            .join()
        : Buffer.from(bytes).toString(),
    );
    if (key.includes('/errors/'))
      for (const raw of Buffer.from(bytes)
        .toString()
        .matchAll(/"rawData":"([^"]*)"/g))
        texts.push(Buffer.from(raw[1] ?? '', 'base64').toString());
  }
  return texts.join('\n');
}

const others = (events: readonly string[]): readonly string[] =>
  events.filter((event) => event !== 'e4' && event !== 'e40');

test('rows and failed records of a person go, all others stay, and after the grace no byte is left', async () => {
  const store = await lake();
  const before = await visibleEvents(store);
  const report = await erase(store);
  expect(report).toMatchObject({
    table: 'order',
    days: [{ date, rows: 2 }],
    failedRecords: 2,
    unreadRecords: 0,
  });
  expect(await visibleEvents(store)).toEqual(others(before));
  expect(
    (await publishedRows(store)).map((row) => (JSON.parse(row) as { event_id: string }).event_id),
  ).toEqual(others(before));
  await compact(store, { now: () => noonMs + 2 * hourMs });
  const left = await everything(store);
  expect(left).not.toMatch(/order-4(?!\d)/);
  expect(left).toContain('order-5');
  expect(await erase(store)).toMatchObject({ days: [], failedRecords: 0 });
});

test('only files whose keys admit the person are read, and only those that hold it are written', async () => {
  const store = new MemoryObjectStore({ now: () => noonMs });
  await putRaw(
    store,
    'a',
    Array.from({ length: 9 }, (_, id) => orderRow(id)),
  );
  await compact(store, { chooseLayout: filesOf(3) });
  const before = (await listAll(store, 'order/compacted/')).length;
  const report = await erase(store);
  // That none is left, the keys of the file tell.
  expect(report.searchedFiles).toBe(1);
  expect(report.days[0]?.files).toHaveLength(1);
  expect((await listAll(store, 'order/compacted/')).length).toBe(before + 1);
});

test('a dry run says what would go', async () => {
  const store = await lake();
  await compact(store);
  const before = await everything(store);
  expect(await erase(store, { dryRun: true })).toMatchObject({
    dryRun: true,
    days: [{ rows: 2 }],
    failedRecords: 2,
  });
  expect(await everything(store)).toBe(before);
});

test('a hashed person is found by the hash of each version of the key, and not without the key', async () => {
  const hashed = defineEvent({ ...order, subject: 'id', privacy: { id: 'hash' } });
  const keyText = 'k'.repeat(40);
  const hashKeys = readHashKeys(
    JSON.stringify({ current: '2', '1': keyText, '2': 'n'.repeat(40) }),
  );
  const hash = new KeyedHash('1', hashKeys.keys.get('1') ?? new Uint8Array());
  const store = new MemoryObjectStore({ now: () => noonMs });
  await putRaw(store, 'a', [orderRow(1), { ...orderRow(2), id: hash.of('ada@example.org') }]);
  const options = { eventType: hashed, subject: 'ada@example.org' };
  await expect(erase(store, options)).rejects.toThrow(ErasureError);
  expect(await erase(store, { ...options, hashKeys })).toMatchObject({ days: [{ rows: 1 }] });
  expect(await visibleEvents(store)).toEqual(['e1']);
});

test('an event type that names nobody says so', async () => {
  await expect(erase(await lake(), { eventType: order })).rejects.toThrow('no "subject"');
});

test('whatever request it dies at, a second run ends it and no other row is lost', async () => {
  const made = await lake();
  const before = others(await visibleEvents(made));
  for (let call = 1; call < 80; call += 7) {
    const store = await copyOf(made, { now: () => noonMs });
    const first = await erase(new FaultyStore(store, call, call % 2 === 0)).then(
      () => 'done',
      () => 'died',
    );
    await erase(store);
    expect(await visibleEvents(store)).toEqual(before);
    if (first === 'done') return;
  }
  throw new Error('it never came to its end');
});

test('of the Iceberg table only a snapshot without the person stays', async () => {
  const store = await lake();
  const publisher = new TablePublisher({ store, bucket, eventType, now: () => noonMs });
  await compactAndPublish({ publisher, store, date, now: () => noonMs });
  const before = await publisher.expire({ dryRun: true });
  expect((await publishedRows(store)).join('\n')).toMatch(/"id":"order-4"/);
  await putRaw(store, 'c', [orderRow(60)]);
  await erase(store, { now: () => noonMs + 1_000 });
  const after = new TablePublisher({ store, bucket, eventType, now: () => noonMs + 2_000 });
  await after.open();
  expect(before.kept).toBe(1);
  expect(await after.expire({ dryRun: true })).toMatchObject({ kept: 1, expired: [] });
  const named = (await publishedRows(store)).join('\n');
  expect(named).toContain('"event_id":"e60"');
  expect(named).not.toMatch(/"id":"order-4"/);
});

test('several people go together: each file that holds any of them is written anew once, and each has a report', async () => {
  const store = await lake();
  const before = await visibleEvents(store);
  const files = (await listAll(store, 'order/compacted/')).length;
  const reports = await eraseSubjects({
    ...{ store, bucket, eventType, chooseLayout: filesOf(20), now: () => noonMs },
    subjects: [
      { subject: 'order-4' },
      { subject: 'order-5', untilMs: 0 },
      { subject: 'order-7' },
      { subject: 'nobody' },
      { subject: 'order-7' },
    ],
  });
  expect(
    reports.map(({ days, failedRecords }) => [days.map(({ rows }) => rows), failedRecords]),
  ).toEqual([
    [[2], 2],
    [[], 1],
    [[1], 0],
    [[], 0],
    [[1], 0],
  ]);
  expect(await visibleEvents(store)).toEqual(
    before.filter((event) => !['e4', 'e40', 'e7'].includes(event)),
  );
  // One for the raw file, and one for each of the three that hold any of them.
  expect((await listAll(store, 'order/compacted/')).length).toBe(files + 1 + 3);
});

test('rows without an event_id go as well, those of others stay', async () => {
  const store = new MemoryObjectStore({ now: () => noonMs });
  const without = (id: string) => ({ ...orderRow(0), id, event_id: null });
  await putRaw(store, 'a', [
    without(marked),
    orderRow(4),
    without('order-5'),
    without(marked),
  ] as never);
  await compact(store);
  const { days } = await erase(store);
  expect(days).toMatchObject([{ date, rows: 3 }]);
  const { files } = (await readManifest(store, 'order', date))!.manifest;
  const kept = await Promise.all(
    files.map(async ({ key }) => rowsOf((await store.get(key)).bytes)),
  );
  expect(kept.flat().map(({ id }) => id)).toEqual(['order-5']);
});

test('of dropped files that were taken the originals go; those of other tables and refused ones stay', async () => {
  const store = await lake();
  for (const key of ['done/order', 'done/order_2', 'failed/order'])
    await store.put(`incoming-${key}/dt=${date}/people.csv`, Buffer.from('id\norder-4\n'));
  expect(await erase(store, { dryRun: true })).toMatchObject({ takenFiles: 1 });
  expect(await listAll(store, 'incoming-')).toHaveLength(3);
  expect(await erase(store)).toMatchObject({ takenFiles: 1 });
  expect((await listAll(store, 'incoming-')).map(({ key }) => key)).toEqual([
    `incoming-done/order_2/dt=${date}/people.csv`,
    `incoming-failed/order/dt=${date}/people.csv`,
  ]);
});

test('people whose UUID is hashed go, and rows from before the rule with a UUID in another case', async () => {
  const uuid = '0b5e7c1a-52b6-4c44-9d0e-6f1d6a1f3c2d';
  const { schema } = order;
  const named = defineEvent({
    ...{ ...order, subject: 'person', privacy: { person: 'hash' } },
    schema: {
      ...schema,
      properties: { ...schema.properties, person: { type: 'string', format: 'uuid' } },
    },
  });
  const hashKeys = readHashKeys(JSON.stringify({ current: '1', '1': 'h'.repeat(40) }));
  const store = new MemoryObjectStore({ now: () => noonMs });
  const people = [currentHash(hashKeys).of(uuid), uuid.toUpperCase(), 'h1_other', null];
  const rows = people.map((person, id) => ({ ...orderRow(id), person }));
  await store.put(rawKey('a'), rawFile(rows, named));
  const asked = { eventType: named, subject: uuid.toUpperCase(), hashKeys };
  expect(await erase(store, asked)).toMatchObject({ days: [{ rows: 2 }] });
  expect(await visibleEvents(store)).toEqual(['e2', 'e3']);
});

test('rows of a person that could not be converted go by their hash', async () => {
  const hashKeys = readHashKeys(JSON.stringify({ current: '1', '1': 'h'.repeat(40) }));
  const named = defineEvent({ ...eventType, privacy: { id: 'hash' } });
  const row = JSON.stringify({ id: currentHash(hashKeys).of(marked), amount: 'x' });
  const rawData = Buffer.from(row).toString('base64');
  const store = new MemoryObjectStore({ now: () => noonMs });
  const key = `order/errors/format-conversion-failed/dt=${date}/e`;
  await store.put(key, Buffer.from(`${JSON.stringify({ arrivalTimestamp: 1, rawData })}\n`));
  expect(await erase(store, { eventType: named, hashKeys })).toMatchObject({ failedRecords: 1 });
  expect(Buffer.from((await store.get(key)).bytes).toString()).toBe('{"erased":true}\n');
});
