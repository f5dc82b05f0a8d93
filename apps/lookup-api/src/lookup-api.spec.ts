import { defineEvent } from '@sluice/event-schema';
import type { HttpRequest, HttpResponse } from './http';
import { createLookupApi } from './lookup-api';
import { TestLake, type TestRow } from './testing/test-lake';

const contract = defineEvent({
  name: 'contract',
  version: '1.0.0',
  key: 'contractNo',
  identity: 'rowId',
  schema: {
    type: 'object',
    required: ['contractNo', 'rowId'],
    properties: {
      contractNo: { type: 'string' },
      rowId: { type: 'string' },
      amount: { type: 'integer' },
      price: { type: 'string', format: 'decimal', precision: 18, scale: 2 },
      signedOn: { type: 'string', format: 'date' },
      signedAt: { type: 'string', format: 'date-time', digits: 6 },
      ratio: { type: 'number' },
      isOpen: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' } },
      notes: { type: 'object' },
    },
  },
});

const row = (contractno: string, id: string, rest: TestRow = {}): TestRow => ({
  contractno,
  rowid: id,
  event_id: id,
  ...rest,
});

const today = '2026-11-20';

function setUp() {
  const lake = new TestLake(contract);
  const api = createLookupApi({ eventTypes: [contract], store: lake.store, now: () => lake.nowMs });
  const get = (
    query: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ) => api(request({ query, headers }));
  return { lake, api, get };
}

const request = ({
  method = 'GET',
  path = '/v1/events/contract',
  query = {},
  headers = {},
  body = '',
}: {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}): HttpRequest => ({
  method,
  path,
  query: new Map(Object.entries(query).map(([name, value]) => [name, [value]])),
  headers: new Map(Object.entries(headers)),
  body,
});

const json = ({ body }: HttpResponse) =>
  JSON.parse(String(body)) as {
    readonly count: number;
    readonly rows: unknown;
    readonly cursor: string | null;
  };

describe('a look-up', () => {
  it('renders every kind of column', async () => {
    const { lake, get } = setUp();
    await lake.addRaw(today, [
      row('C-1', 'a', {
        amount: 9007199254740993n,
        price: '12.50',
        signedon: '2026-01-31',
        signedat: '2026-01-31 12:00:00.123456',
        ratio: 0.1,
        isopen: true,
        tags: ['x', 'ü"'],
        notes: '{"b":1.10}',
      }),
      row('C-2', 'b'),
    ]);
    expect(json(await get({ id: 'C-1' }))).toEqual({
      rows: [
        {
          contractno: 'C-1',
          rowid: 'a',
          amount: '9007199254740993',
          price: '12.50',
          signedon: '2026-01-31',
          signedat: '2026-01-31T12:00:00.123456Z',
          ratio: 0.1,
          isopen: true,
          tags: ['x', 'ü"'],
          notes: '{"b":1.10}',
          event_id: 'a',
          ingested_at: '2026-11-20T10:00:00.000Z',
          unmapped: null,
        },
      ],
      count: 1,
      cursor: null,
    });
  });

  it('says so where no row matches', async () => {
    const { lake, get } = setUp();
    await lake.addRaw(today, [row('C-1', 'a')]);
    const answer = await get({ id: 'C-9' });
    expect(answer.status).toBe(200);
    expect(json(answer)).toEqual({
      rows: [],
      count: 0,
      cursor: null,
      message: 'No matching rows found',
    });
  });

  it('gives each event once, from raw and compacted files', async () => {
    const { lake, get } = setUp();
    const token = await lake.addRaw(today, [row('C-1', 'a'), row('C-1', 'b')]);
    await lake.addCompacted(today, [row('C-1', 'a'), row('C-1', 'b')], {
      sealed: false,
      absorbed: [token],
    });
    await lake.addRaw(today, [row('C-1', 'b'), row('C-1', 'c'), row('C-2', 'd')]);
    const { rows } = json(await get({ id: 'C-1', columns: 'rowid' }));
    expect(rows).toEqual([{ rowid: 'a' }, { rowid: 'b' }, { rowid: 'c' }]);
  });

  it('takes one data request of a sealed day once the footer is known', async () => {
    const { lake, get } = setUp();
    const rows = Array.from({ length: 5_000 }, (_, index) => row(`C-${index}`, `e${index}`));
    await lake.addCompacted(today, rows);
    lake.takeCalls();
    expect(json(await get({ id: 'C-77', date: today })).count).toBe(1);
    expect(lake.takeCalls().filter(({ operation }) => operation === 'get')).toHaveLength(3);
    expect(json(await get({ id: 'C-4242', date: today })).count).toBe(1);
    expect(lake.takeCalls()).toMatchObject([{ operation: 'get' }]);
  });
});
