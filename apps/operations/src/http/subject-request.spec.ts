import { defineEvent } from '@sluice/event-schema';
import { currentHash, readHashKeys } from '@sluice/privacy';
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
    body: { message: expect.stringContaining('asking again does not help') as unknown },
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
