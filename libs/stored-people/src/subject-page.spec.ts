import { createRowTableBuilder } from '@sluice/columns';
import { defineEvent, defineReference, referenceColumns, tableColumns } from '@sluice/event-schema';
import { commitManifest, MemoryObjectStore, rawFileToken, readManifest } from '@sluice/lake-layout';
import { rawLayout, referenceLayout, writeParquet } from '@sluice/parquet-writing';
import { currentHash, readHashKeys } from '@sluice/privacy';
import { addToLedger, ledgerEntries } from '@sluice/privacy/erasures';
import {
  csvLines,
  ndjsonLines,
  decodeSubjectCursor,
  encodeSubjectCursor,
  readSubjectPage,
  type SubjectPageOptions,
  type SubjectCursor,
} from '.';

const keysOf = (letter: string) =>
  readHashKeys(JSON.stringify({ current: '1', '1': letter.repeat(40) }));
const hashKeys = keysOf('h');
const ledgerKeys = keysOf('l');
const ada = 'ada@example.org';
const adaHash = currentHash(hashKeys).of(ada);

const order = defineEvent({
  name: 'order',
  version: '1.0.0',
  key: 'id',
  subject: ['id', 'gift'],
  schema: {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string' },
      gift: { type: 'string' },
      amount: { type: 'integer' },
    },
  },
});
const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'page',
  subject: 'who',
  privacy: { who: 'hash' },
  schema: {
    type: 'object',
    required: ['page'],
    properties: { page: { type: 'string' }, who: { type: 'string', format: 'uuid' } },
  },
});
const uuid = '0b5e7c1a-52b6-4c44-9d0e-6f1d6a1f3c2d';

interface Stored {
  readonly event_id: string | null;
  readonly [column: string]: unknown;
}

const moment = (date: string, second: number): string =>
  `${date} 10:00:${String(second).padStart(2, '0')}.000`;

class Lake {
  readonly store = new MemoryObjectStore({ now: () => 0 });

  async raw(date: string, name: string, rows: readonly Stored[], eventType = order) {
    const builder = createRowTableBuilder(tableColumns(eventType));
    rows.forEach((row, at) => {
      const fault = builder.append({ ingested_at: moment(date, at), ...row });
      if (fault) throw new Error(fault.detail);
    });
    const { bytes } = writeParquet(builder.finish(), rawLayout);
    await this.store.put(`${eventType.name}/raw/dt=${date}/hour=10/${name}.parquet`, bytes);
  }

  /** Makes the raw files of a day its compacted ones, as they are. */
  async compact(date: string) {
    const files: object[] = [];
    const tokens: string[] = [];
    for await (const file of this.store.list(`order/raw/dt=${date}/`)) {
      tokens.push(rawFileToken(file));
      const { bytes } = await this.store.get(file.key);
      const key = file.key.replace('/raw/', '/compacted/').replace('hour=10/', '');
      const { etag } = await this.store.put(key, bytes);
      const own = { key, etag, bytes: bytes.length, rows: 1, minKey: '', maxKey: '~', run: 1 };
      files.push({ ...own, footerBytes: bytes.length });
    }
    const day = { table: 'order', date, sealed: true, announced: true, replaced: [] };
    await commitManifest(
      this.store,
      {
        ...{ formatVersion: 1, ...day, updatedAtMs: 0, absorbed: [{ atMs: 0, tokens }] },
        files: files as never,
      },
      await readManifest(this.store, 'order', date),
    );
  }

  async error(kind: string, name: string, ...records: readonly string[]) {
    const lines = records.map((record) =>
      record === 'sealed'
        ? JSON.stringify({ sealed: 'AAAA', keyVersion: '1', arrivalTimestamp: 1 })
        : JSON.stringify({
            ...{ arrivalTimestamp: 1_000, errorCode: 'code', errorMessage: '' },
            rawData: Buffer.from(record).toString('base64'),
          }),
    );
    const text = lines.map((line) => `${line}\n`).join('');
    await this.store.put(`order/errors/${kind}/dt=2026-11-21/${name}`, Buffer.from(text));
  }

  page(options: Partial<SubjectPageOptions> = {}) {
    return readSubjectPage({
      ...{ store: this.store, eventTypes: [order], subject: ada, hashKeys, lines: ndjsonLines() },
      ...{ readLedgerKeys: () => Promise.resolve(ledgerKeys), maxLines: 100, maxBytes: 1e6 },
      ...{ deadlineMs: 1e15, now: () => 0, ...options },
    });
  }

  /** Reads pages until the last, with places as answers carry them. */
  async all(options: Partial<SubjectPageOptions> = {}, between = () => Promise.resolve()) {
    const lines: string[] = [];
    let from: SubjectCursor | undefined;
    for (let pages = 1; pages < 50; pages++) {
      const page = await this.page({ ...options, from });
      lines.push(...page.lines);
      if (!page.next) return { lines, pages };
      from = decodeSubjectCursor(encodeSubjectCursor(page.next));
      await between();
    }
    throw new Error('the pages have no end');
  }
}

const eventsOf = (lines: readonly string[]): readonly unknown[] =>
  lines.map((line) => {
    const { row, failedRecord } = JSON.parse(line) as {
      row?: { event_id: string };
      failedRecord?: { record: string };
    };
    return row?.event_id ?? failedRecord?.record;
  });

/** Two days with rows of Ada's and others, one of them compacted, and failed records. */
async function lakeOfAda(): Promise<Lake> {
  const lake = new Lake();
  await lake.raw('2026-11-20', 'a', [
    { event_id: 'a1', id: ada },
    { event_id: 'b1', id: 'bob' },
    { event_id: 'a2', id: 'bob', gift: ada, amount: 7 },
    { event_id: 'a3', id: ada, gift: ada },
  ]);
  await lake.compact('2026-11-20');
  // A raw file that came after the day was sealed, with a copy of a row that is there already.
  await lake.raw('2026-11-20', 'late', [
    { event_id: 'a1', id: ada, ingested_at: moment('2026-11-20', 50) },
    { event_id: 'a4', id: ada, ingested_at: moment('2026-11-20', 51) },
  ]);
  await lake.raw('2026-11-21', 'a', [
    { event_id: null, id: ada, amount: 1 },
    { event_id: null, id: ada, amount: 1, ingested_at: moment('2026-11-21', 0) },
    { event_id: 'b2', id: 'bob' },
  ]);
  await lake.error('processing-failed', 'e', `{"id":"${ada}","amount":"x"}`, '{"id":"bob"}');
  await lake.error('format-conversion-failed', 'e', `{"id":"${ada}2"}`, `{"who":"${ada}"}`);
  return lake;
}
const held = [
  ...['a1', 'a2', 'a3', 'a4', null, null],
  ...[`{"id":"${ada}","amount":"x"}`, `{"who":"${ada}"}`],
].map((event) => event ?? undefined);

test('everything held of a person is given, each event once, in the order of its arrival', async () => {
  const lake = await lakeOfAda();
  const page = await lake.page();
  expect(eventsOf(page.lines)).toEqual(held.map((event) => event ?? undefined));
  expect(page.next).toBeUndefined();
  expect([...page.tables]).toEqual([
    ['order', { rows: 6, failedRecords: 2, unreadRecords: 0, restrictedRecords: 0 }],
  ]);
  expect(JSON.parse(page.lines[1] ?? '')).toMatchObject({
    ...{ eventType: 'order', day: '2026-11-20' },
    row: { id: 'bob', gift: ada, amount: 7, event_id: 'a2' },
  });
  expect((await lake.page({ subject: 'nobody' })).lines).toEqual([]);
});

test.each([
  ['rows', { maxLines: 1 }],
  ['bytes', { maxBytes: 1 }],
  ['two rows', { maxLines: 2 }],
])(
  'pages bounded by %s give the same, also where files are replaced between them',
  async (_, bounds) => {
    const lake = await lakeOfAda();
    const { lines, pages } = await lake.all(bounds, async () => {
      await lake.compact('2026-11-20');
      await lake.compact('2026-11-21');
    });
    expect(eventsOf(lines)).toEqual(held);
    expect(pages).toBeGreaterThanOrEqual(held.length / 2);
  },
);

test('a page whose time is up ends, and each comes further than the one before', async () => {
  const lake = await lakeOfAda();
  const { lines, pages } = await lake.all({ deadlineMs: 0 });
  expect(eventsOf(lines)).toEqual(held);
  expect(pages).toBeGreaterThan(1);
});

test('of people who are hidden there is nothing, of their later rows there is', async () => {
  const lake = await lakeOfAda();
  const entry = { untilMs: Date.parse('2026-11-20T23:00:00Z'), suppress: false, erasure: 'e' };
  await addToLedger(lake.store, 'order', ledgerEntries(ledgerKeys, [ada], entry));
  expect(eventsOf((await lake.page()).lines)).toEqual([undefined, undefined]);
  const suppressed = ledgerEntries(ledgerKeys, [ada], { ...entry, suppress: true });
  await addToLedger(lake.store, 'order', suppressed);
  expect((await lake.page()).lines).toEqual([]);
});

test('a person is found by the hash of each key, in a column of UUIDs too, and by a UUID in any case', async () => {
  const lake = new Lake();
  const rows = [
    { event_id: 'v1', page: '/', who: adaHash },
    { event_id: 'v2', page: '/', who: currentHash(hashKeys).of(uuid) },
    { event_id: 'v3', page: '/', who: uuid.toUpperCase() },
  ];
  await lake.raw('2026-11-20', 'v', rows, visit);
  const found = async (subject: string) =>
    eventsOf((await lake.page({ eventTypes: [order, visit], subject })).lines);
  expect(await found(ada)).toEqual(['v1']);
  expect(await found(uuid)).toEqual(['v2', 'v3']);
  await expect(lake.page({ eventTypes: [visit], hashKeys: undefined })).rejects.toThrow('hashed');
});

test('a text that is no integer names nobody in a column of integers, and keeps others from nothing', async () => {
  const numbered = defineEvent({ ...order, subject: ['amount', 'id'] });
  const lake = await lakeOfAda();
  const found = async (subject: string) =>
    eventsOf((await lake.page({ eventTypes: [numbered], subject })).lines);
  expect((await found(ada)).slice(0, 3)).toEqual(['a1', 'a3', 'a4']);
  expect(await found('7')).toEqual(['a2']);
});

test('sealed records that no key opens are counted, and a damaged file fails the whole', async () => {
  const lake = await lakeOfAda();
  await lake.error('sealed', 's', 'sealed', 'sealed');
  expect((await lake.page()).tables.get('order')).toMatchObject({ unreadRecords: 2 });
  await lake.store.put('order/raw/dt=2026-11-21/hour=10/b.parquet', Buffer.from('PAR1 damaged'));
  await expect(lake.page()).rejects.toThrow('order/raw/dt=2026-11-21/hour=10/b.parquet: ');
});

test('CSV has the columns of all event types side by side, and failed records in one of their own', async () => {
  const lake = await lakeOfAda();
  await lake.raw('2026-11-20', 'v', [{ event_id: 'v1', page: '=1', who: adaHash }], visit);
  const eventTypes = [order, visit];
  const lines = csvLines(eventTypes, { neutralises: true });
  const page = await lake.page({ eventTypes, lines });
  const cells = (line = ''): Record<string, string | undefined> => {
    const values = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
    const names = (lines.header ?? '').split(',');
    return Object.fromEntries(names.map((name, at) => [name, values[at]?.replace(/,$/, '')]));
  };
  expect(cells(page.lines[1])).toMatchObject({
    ...{ 'event type': 'order', 'arrival day': '2026-11-20', 'failed record': '' },
    ...{ id: 'bob', gift: ada, amount: '7', page: '', event_id: 'a2' },
  });
  expect(cells(page.lines[6])).toMatchObject({
    id: '',
    'failed record': expect.stringContaining('amount') as unknown,
  });
  expect(cells(page.lines.at(-1))).toMatchObject({ page: "'=1", id: '', event_id: 'v1' });
});

describe('rows of reference tables', () => {
  const customers = defineReference({
    name: 'customers',
    subject: ['id', 'guardian'],
    schema: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        guardian: { type: 'string' },
        city: { type: 'string' },
      },
    },
  });
  const emptyOne = defineReference({ ...customers, name: 'never_put' });

  async function lakeWithCustomers(): Promise<Lake> {
    const lake = new Lake();
    await lake.raw('2026-11-20', 'a', [{ event_id: 'a1', id: ada }]);
    const builder = createRowTableBuilder(referenceColumns(customers));
    for (const row of [
      { id: ada, guardian: null, city: 'Paris' },
      { id: 'bob', guardian: null, city: '=Rome' },
      { id: 'child', guardian: ada, city: '=Turin' },
      { id: adaHash, guardian: null, city: 'Lyon' },
    ])
      builder.append(row);
    const { bytes } = writeParquet(builder.finish(), referenceLayout);
    await lake.store.put('reference/customers/customers.parquet', bytes);
    return lake;
  }
  const references = [emptyOne, customers];

  test('come last, by each path of the subject and by hashes, a page at a time', async () => {
    const lake = await lakeWithCustomers();
    const page = await lake.page({ references });
    const ofReference = page.lines.slice(1).map((line): unknown => JSON.parse(line));
    expect(page.lines[0]).toContain('"eventType":"order"');
    expect(ofReference).toEqual([
      { reference: 'customers', row: { id: ada, guardian: null, city: 'Paris' } },
      { reference: 'customers', row: { id: adaHash, guardian: null, city: 'Lyon' } },
      { reference: 'customers', row: { id: 'child', guardian: ada, city: '=Turin' } },
    ]);
    expect(page.tables.get('reference/customers')).toMatchObject({ rows: 3 });
    expect(page.tables.get('reference/never_put')).toMatchObject({ rows: 0 });
    for (const maxLines of [1, 2, 3]) {
      const { lines } = await lake.all({ references, maxLines });
      expect(lines).toEqual(page.lines);
    }
  });

  test('are CSV in a table of their own', async () => {
    const lake = await lakeWithCustomers();
    const lines = csvLines([order], { neutralises: true, references });
    const page = await lake.page({ references, lines });
    expect(lines.header).toMatch(/^event type,arrival day,failed record,reference table,id,gift,/);
    expect(page.lines[0]).toMatch(/^order,2026-11-20,,,ada@example.org,/);
    expect(page.lines[1]).toMatch(/^,,,customers,ada@example.org,.*Paris$/);
    expect(page.lines[3]).toMatch(/^,,,customers,child,.*ada@example.org,'=Turin$/);
  });
});

test.each([
  '',
  'x',
  'bnVsbA',
  encodeSubjectCursor({ reference: 'a', rows: 'b' } as never),
  encodeSubjectCursor({ table: 'a', after: {} } as never),
])('the text %j is no place', (text) => {
  expect(decodeSubjectCursor(text)).toBeUndefined();
});
