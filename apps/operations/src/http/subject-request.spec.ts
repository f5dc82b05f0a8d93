import { createRowTableBuilder } from '@sluice/columns';
import {
  defineEvent,
  defineReference,
  referenceColumns,
  type ScopesOf,
} from '@sluice/event-schema';
import { referenceLayout, writeParquet } from '@sluice/parquet-writing';
import { currentHash, readHashKeys } from '@sluice/privacy';
import { readErasure } from '@sluice/privacy/erasures';
import { lambdaTelemetry } from '../telemetry';
import { order, TestLake } from '../testing';

const ledgerKeys = readHashKeys(JSON.stringify({ current: '1', '1': 'l'.repeat(40) }));
const person = defineEvent({ ...order, subject: 'id' });

/** Makes a lake of ten orders, a0 to a9, and a failed record of a3. */
async function lakeOf(eventType = person) {
  const lake = new TestLake(eventType, { readLedgerKeys: () => Promise.resolve(ledgerKeys) });
  await lake.putRaw('a', 10);
  await lake.putError('e', '{"id":"a3","amount":"x"}');
  return lake;
}

const lines = (text: string): readonly unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

test('everything held of a person is answered as NDJSON, a page at a time, and noted for the audit log', async () => {
  const lake = await lakeOf();
  const all = await lake.text('GET', '/v1/subjects/a3');
  expect(all).toMatchObject({
    status: 200,
    headers: {
      ...{ 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
      'x-row-count': '2',
    },
  });
  expect(lines(all.text)).toMatchObject([
    { eventType: 'order', day: '2026-11-20', row: { id: 'a3', amount: 3 } },
    { eventType: 'order', failedRecord: { record: '{"id":"a3","amount":"x"}' } },
  ]);
  expect(lake.accesses).toEqual([
    {
      subjectHash: currentHash(ledgerKeys).of('a3'),
      tables: [
        { table: 'order', rows: 1, failedRecords: 1, unreadRecords: 0, restrictedRecords: 0 },
      ],
      isLast: true,
    },
  ]);
  const first = await lake.text('GET', '/v1/subjects/a3', { query: { limit: '1' } });
  const cursor = first.headers['x-next-cursor'] ?? '';
  const second = await lake.text('GET', '/v1/subjects/a3', { query: { cursor } });
  expect([...lines(first.text), ...lines(second.text)]).toEqual(lines(all.text));
  expect(second.headers).not.toHaveProperty('x-next-cursor');
});

test('it is answered as CSV where that is accepted, and people who are erased have nothing', async () => {
  const lake = await lakeOf();
  const csv = () => lake.text('GET', '/v1/subjects/a3', { accept: 'text/csv' });
  const [header, row, record, ...end] = (await csv()).text.split('\r\n');
  expect(header).toMatch(/^event type,arrival day,failed record,id,/);
  expect(row).toMatch(/^order,2026-11-20,,a3,/);
  expect(record).toMatch(/^order,2026-11-20,"{""arrivedAt""/);
  expect(end).toEqual(['']);
  lake.nowMs += 60_000;
  await lake.ask('POST', '/v1/erasures', { body: { subject: 'a3' } });
  expect((await lake.text('GET', '/v1/subjects/a3')).text).toBe('');
});

test.each([
  ['/v1/subjects/%20', {}, 400, /"subject" must be/],
  ['/v1/subjects/a3', { eventType: 'visit' }, 400, /"visit".*there is order/],
  ['/v1/subjects/a3', { limit: '0' }, 400, /"limit"/],
  ['/v1/subjects/a3', { cursor: 'x' }, 400, /"cursor"/],
  ['/v1/subjects/a3', { since: 'x' }, 400, /unknown parameter/],
])('the request for %s with %j is refused', async (path, query, status, message) => {
  const lake = await lakeOf();
  expect(await lake.ask('GET', path, { query })).toMatchObject({
    status,
    body: { message: expect.stringMatching(message) as unknown },
  });
  expect(lake.accesses).toEqual([]);
});

test('other media types are refused, and an event type without people is named', async () => {
  const json = { accept: 'application/json' };
  expect(await (await lakeOf()).ask('GET', '/v1/subjects/a3', json)).toMatchObject({ status: 406 });
  expect(await (await lakeOf(order)).ask('GET', '/v1/subjects/a3')).toMatchObject({ status: 400 });
});

afterEach(() => jest.restoreAllMocks());

test('no log line has the name of a person, also where a request fails', async () => {
  const written: string[] = [];
  const write = (...texts: readonly unknown[]) => void written.push(texts.map(String).join(' '));
  // Powertools has a console of its own unless it is in development.
  jest.replaceProperty(process, 'env', { ...process.env, POWERTOOLS_DEV: 'true' });
  for (const level of ['info', 'error'] as const)
    jest.spyOn(console, level).mockImplementation(write);
  const lake = await lakeOf();
  await lake.store.put('order/raw/dt=2026-11-20/hour=12/b.parquet', Buffer.from('PAR1 damaged'));
  const answer = await lake.ask('GET', '/v1/subjects/ada%2F@example.org');
  expect(answer).toMatchObject({
    status: 500,
    body: { message: expect.stringContaining('trying again does not help') as unknown },
  });
  const telemetry = lambdaTelemetry();
  telemetry.failed(lake.errors[0], {
    ...{ method: 'GET', path: '/v1/subjects/ada%2F@example.org', body: '' },
    ...{ query: new Map(), headers: new Map() },
  });
  telemetry.accessed({ subjectHash: 'h1_x', tables: [], isLast: true });
  expect(written.join('\n')).toContain('/v1/subjects/{subject}');
  expect(written.join('\n')).toContain('h1_x');
  expect(written.join('\n')).not.toContain('example.org');
});

describe('reference tables that name people', () => {
  const customers = defineReference({
    name: 'customers',
    subject: 'id',
    schema: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        phone: { type: 'string', access: 'restricted' },
      },
    },
  });

  async function lakeWithCustomers(scopesOf: ScopesOf): Promise<TestLake> {
    const keys = { readLedgerKeys: () => Promise.resolve(ledgerKeys) };
    const lake = new TestLake(person, keys, scopesOf, [customers]);
    await lake.putRaw('a', 4);
    const builder = createRowTableBuilder(referenceColumns(customers));
    builder.append({ id: 'a3', phone: '0123' });
    await lake.store.put(
      'reference/customers/customers.parquet',
      writeParquet(builder.finish(), referenceLayout).bytes,
    );
    return lake;
  }

  test('are shown as far as the key may see them', async () => {
    const shownBy = async (scopes: ReturnType<ScopesOf>, query = {}) => {
      const lake = await lakeWithCustomers(() => scopes);
      const { text, headers } = await lake.text('GET', '/v1/subjects/a3', { query });
      return { rows: lines(text).slice(1), headers };
    };
    expect((await shownBy({ restrictedColumns: 'all' })).rows).toEqual([
      { reference: 'customers', row: { id: 'a3', phone: '0123' } },
    ]);
    const some = await shownBy({});
    expect(some.rows).toEqual([{ reference: 'customers', row: { id: 'a3' } }]);
    expect(some.headers['x-columns-left-out']).toBe('customers.phone');
    const none = await shownBy({ eventTypes: ['order'] });
    expect(none.rows).toEqual([]);
    expect(none.headers['x-reference-tables-left-out']).toBe('customers');
    const ofType = await shownBy({ restrictedColumns: 'all' }, { eventType: 'order' });
    expect(ofType.rows).toEqual([]);
    expect(ofType.headers).not.toHaveProperty('x-reference-tables-left-out');
  });

  test('are asked for by an erasure of all event types, and by no other', async () => {
    const lake = await lakeWithCustomers(() => ({}));
    await lake.ask('POST', '/v1/erasures', { body: { subject: 'a3' } });
    await lake.ask('POST', '/v1/erasures', { body: { subject: 'a3', eventType: 'order' } });
    const asked = await Promise.all(['run-1', 'run-2'].map((id) => readErasure(lake.store, id)));
    expect(asked.map((one) => one?.erasure.references)).toEqual([['customers'], undefined]);
  });
});
