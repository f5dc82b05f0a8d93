import { tableFromIPC } from 'apache-arrow';
import { parse } from 'csv-parse/sync';
import { createTestApi, policyRow, today } from './testing/test-api';

const rows = [
  policyRow('C-1', 'a', {
    amount: -9223372036854775808n,
    price: '-12.50',
    signedon: '1969-12-31',
    signedat: '1969-12-31 23:59:59.999999',
    ratio: -0.5,
    isopen: false,
    tags: ['x', '"quoted", with comma', ''],
    notes: '{"line":"a\\nb"}',
  }),
  policyRow('C-1', 'b', { tags: [] }),
];

async function answerAs(accept: string) {
  const { lake, send } = createTestApi();
  await lake.addRaw(today, rows);
  const answer = await send({ query: { id: 'C-1' }, headers: { accept } });
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': accept } });
  return answer.body;
}

it('NDJSON has a line for each row, as JSON has them', async () => {
  const json = JSON.parse(String(await answerAs('application/json'))) as { rows: unknown[] };
  const lines = String(await answerAs('application/x-ndjson'))
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(json.rows);
});

it('CSV has a header and fields that a parser takes apart again', async () => {
  const csv = String(await answerAs('text/csv'));
  const [first, second] = parse<Record<string, string>>(csv, { columns: true });
  expect(first).toEqual({
    policyno: 'C-1',
    rowid: 'a',
    amount: '-9223372036854775808',
    price: '-12.50',
    signedon: '1969-12-31',
    signedat: '1969-12-31T23:59:59.999999Z',
    ratio: '-0.5',
    isopen: 'false',
    tags: '["x","\\"quoted\\", with comma",""]',
    notes: '{"line":"a\\nb"}',
    event_id: 'a',
    ingested_at: '2026-11-20T10:00:00.000Z',
    unmapped: '',
  });
  expect(second).toMatchObject({ tags: '[]', amount: '', isopen: '' });
});

it('an Arrow stream has the types of the table and exact values', async () => {
  const table = tableFromIPC((await answerAs('application/vnd.apache.arrow.stream')) as Uint8Array);
  expect(table.schema.fields.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
    'policyno: Utf8',
    'rowid: Utf8',
    'amount: Int64',
    'price: Decimal[18e+2]',
    'signedon: Date32<DAY>',
    'signedat: Timestamp<MICROSECOND>',
    'ratio: Float64',
    'isopen: Bool',
    'tags: List<Utf8>',
    'notes: Utf8',
    'event_id: Utf8',
    'ingested_at: Timestamp<MILLISECOND>',
    'unmapped: Utf8',
  ]);
  const column = (name: string) => table.getChild(name)!;
  expect(column('amount').get(0)).toBe(-9223372036854775808n);
  expect([...(column('price').get(0) as Uint32Array)]).toEqual([
    2 ** 32 - 1250,
    ...Array<number>(3).fill(2 ** 32 - 1),
  ]);
  expect(column('signedat').data[0]?.values[0]).toBe(-1n);
  expect(column('ingested_at').data[0]?.values[0]).toBe(BigInt(Date.parse('2026-11-20T10:00:00Z')));
  expect(column('signedon').data[0]?.values[0]).toBe(-1);
  expect([...(column('tags').get(0) as Iterable<string>)]).toEqual([
    'x',
    '"quoted", with comma',
    '',
  ]);
  expect([...(column('tags').get(1) as Iterable<string>)]).toEqual([]);
  expect(column('unmapped').get(0)).toBeNull();
  expect(column('isopen').get(0)).toBe(false);
});

it('a request is answered in the format that it likes best', async () => {
  const { send } = createTestApi();
  const headers = { accept: 'text/csv;q=0.5, application/x-ndjson' };
  const answer = await send({ query: { id: 'C-1' }, headers });
  expect(answer.headers['content-type']).toBe('application/x-ndjson');
});
