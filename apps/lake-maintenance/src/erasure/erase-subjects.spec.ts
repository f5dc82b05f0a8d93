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
import {
  ErasureError,
  eraseSubjects,
  type EraseSubjectsOptions,
  type ErasureReport,
} from './erase-subjects';

const hourMs = 3_600_000;
const eventType = defineEvent({ ...order, subject: 'id' });
const marked = 'order-4';

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

async function erase(
  store: EraseSubjectsOptions['store'],
  {
    subject = marked,
    ...options
  }: Partial<EraseSubjectsOptions> & { readonly subject?: string } = {},
): Promise<ErasureReport> {
  const [report] = await eraseSubjects({
    ...{ store, bucket, eventType, chooseLayout: filesOf(4), now: () => noonMs },
    subjects: [{ subject }],
    ...options,
  });
  if (!report) throw new Error('there is no report');
  return report;
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

test.each([
  ['its key', defineEvent({ ...order, subject: 'id' }), 'order-4007', 'order-40071'],
  ['an index', defineEvent({ ...order, subject: 'amount', indexes: ['amount'] }), '40070', '40071'],
])(
  'of files without a person, by %s, a small range is read and no more',
  async (_, named, subject, absentSubject) => {
    const store = new MemoryObjectStore({ now: () => noonMs });
    const rows = Array.from({ length: 8_000 }, (_, id) => orderRow(id));
    await putRaw(store, 'a', rows);
    await compact(store, { eventType: named, chooseLayout: filesOf(2_000) });
    expect(await listAll(store, 'order/compacted/')).toHaveLength(4);
    const readFrom = async (wanted: string) => {
      store.calls.length = 0;
      const report = await erase(store, { eventType: named, subject: wanted, dryRun: true });
      const read = store.calls.filter(
        ({ operation, key }) => operation === 'get' && key.endsWith('.parquet'),
      );
      return { report, read };
    };
    const absent = await readFrom(absentSubject);
    expect(absent.report).toMatchObject({ searchedFiles: 0, days: [] });
    expect(absent.read.length).toBeLessThanOrEqual(1);
    for (const read of absent.read) expect(read.bytes).toBeLessThan(32 << 10);
    const present = await readFrom(subject);
    expect(present.report).toMatchObject({ searchedFiles: 1, days: [{ rows: 1 }] });
  },
);

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

test.each([
  ['a text that is too long for an index', 'é'.repeat(600), 'order-1'],
  ['a row without a key', 'ada', null],
])('%s is found where the subject has an index', async (_, subject, id) => {
  const named = defineEvent({
    ...order,
    subject: 'person',
    indexes: ['person'],
    schema: {
      ...order.schema,
      properties: { ...order.schema.properties, person: { type: 'string' } },
    },
  });
  const store = new MemoryObjectStore({ now: () => noonMs });
  const rows = [
    { ...orderRow(1), id, person: subject },
    { ...orderRow(2), person: 'bob' },
  ];
  await store.put(rawKey('a'), rawFile(rows, named));
  await compact(store, { eventType: named });
  expect(await erase(store, { eventType: named, subject })).toMatchObject({ days: [{ rows: 1 }] });
  expect(await visibleEvents(store)).toEqual(['e2']);
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

test.each(['ada@example.org', '007', '9223372036854775808'])(
  'the text %j names nobody where people are integers, by an index or by the key',
  async (subject) => {
    const indexed = defineEvent({ ...order, subject: ['id', 'amount'], indexes: ['amount'] });
    const store = new MemoryObjectStore({ now: () => noonMs });
    await putRaw(store, 'a', [orderRow(7), { ...orderRow(8), id: subject }]);
    await compact(store, { eventType: indexed });
    expect(await erase(store, { eventType: indexed, subject, dryRun: true })).toMatchObject({
      days: [{ rows: 1 }],
    });
  },
);

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

describe('an event that was sent again with another person', () => {
  const named = defineEvent({
    ...{ ...order, subject: 'person', indexes: ['person', 'amount'] },
    schema: {
      ...order.schema,
      properties: { ...order.schema.properties, person: { type: 'string' } },
    },
  });
  const sent = (event: number, person: string, second: number) => ({
    ...orderRow(event),
    person,
    ingested_at: `${date} 10:00:0${second}.000`,
  });
  /** So many that a small run beside them is not merged with theirs. */
  const ofEve = Array.from({ length: 2_000 }, (_, at) => sent(at + 3, 'eve', 1));
  const eveEvents = ofEve.map(({ event_id }) => event_id);
  /** Two files: the first has an event of Ada, which the second has as Bob's, and the other way round. */
  const storeOf = async (seal: boolean): Promise<MemoryObjectStore> => {
    const store = new MemoryObjectStore({ now: () => noonMs });
    const files = [
      [sent(1, 'zq-ada', 1), sent(2, 'zq-bob', 1), ...ofEve],
      [sent(1, 'zq-bob', 2), sent(2, 'zq-ada', 2)],
    ];
    for (const [at, rows] of files.entries()) {
      await store.put(rawKey(`file-${at}`), rawFile(rows, named));
      await compact(store, { eventType: named, seal: false });
    }
    if (seal) await compact(store, { eventType: named, seal });
    return store;
  };
  const textsOf = async (store: MemoryObjectStore): Promise<string> => {
    await compact(store, { eventType: named, seal: false, now: () => noonMs + 2 * hourMs });
    const texts = await Promise.all(
      (await listAll(store, '')).map(async ({ key }) => {
        const { bytes } = await store.get(key);
        return key.endsWith('.parquet') && !key.includes('/raw/')
          ? rowsOf(bytes)
              .map((row) =>
                JSON.stringify(row, (_, value: unknown) =>
                  typeof value === 'bigint' ? String(value) : value,
                ),
              )
              .join()
          : Buffer.from(bytes).toString('latin1');
      }),
    );
    return texts.join('\n');
  };

  test.each([
    ['merged', true],
    ['not merged', false],
  ])('leaves nothing of either in what is %s, and no row of the other goes', async (_, seal) => {
    const store = await storeOf(seal);
    const options = { eventType: named, bucket };
    expect(await erase(store, { ...options, subject: 'zq-ada' })).toMatchObject({
      days: [{ date }],
    });
    expect(await textsOf(store)).not.toContain('zq-ada');
    // Of the copies that were not merged the other one counts from then on.
    expect(await visibleEvents(store)).toEqual(
      [...(seal ? ['e2'] : ['e1', 'e2']), ...eveEvents].sort(),
    );
    await erase(store, { ...options, subject: 'zq-bob' });
    expect(await textsOf(store)).not.toContain('zq-bob');
    expect(await visibleEvents(store)).toEqual([...eveEvents].sort());
  });

  test('leaves no entry of an index where no row has the person any more, whatever request it dies at', async () => {
    const made = new MemoryObjectStore({ now: () => noonMs });
    await made.put(rawKey('a'), rawFile([sent(1, 'zq-bob', 2), sent(3, 'eve', 1)], named));
    await compact(made, { eventType: named, seal: false });
    await made.put(rawKey('b'), rawFile([sent(1, 'zq-ada', 1)], named));
    await compact(made, { eventType: named });
    expect(await textsOf(made)).toContain('zq-bob');
    const before = await readManifest(made, 'order', date);
    for (let call = 1; ; call++) {
      const store = await copyOf(made, { now: () => noonMs });
      const faulty = new FaultyStore(store, call, call % 2 === 0);
      const first = await erase(faulty, { eventType: named, subject: 'zq-bob' }).catch(
        () => undefined,
      );
      const report = first ?? (await erase(store, { eventType: named, subject: 'zq-bob' }));
      expect(report.days).toEqual([]);
      expect(await textsOf(store)).not.toContain('zq-bob');
      const after = await readManifest(store, 'order', date);
      expect(after?.manifest.files).toEqual(before?.manifest.files);
      if (!first) continue;
      expect(report.indexDays).toEqual([date]);
      expect(await erase(store, { eventType: named, subject: 'zq-bob' })).toMatchObject({
        indexDays: [],
      });
      return;
    }
  });
});
