import { defineEvent, scopesByKeyId } from '@sluice/event-schema';
import { readHashKeys } from '@sluice/privacy';
import { order, TestLake } from '../testing';

const ledgerKeys = readHashKeys(JSON.stringify({ current: '1', '1': 'l'.repeat(40) }));
const { schema } = order;
const restricted = defineEvent({
  ...order,
  subject: 'id',
  schema: {
    ...schema,
    properties: { ...schema.properties, amount: { type: 'integer', access: 'restricted' } },
  },
});
const scopesOf = scopesByKeyId(
  { own: '', k1: 'plain', k2: 'subjects', k3: 'other' },
  {
    plain: {},
    subjects: { actions: ['subject'] },
    other: { eventTypes: ['invoice'] },
  },
);

async function lakeOfOrders() {
  const lake = new TestLake(
    restricted,
    { readLedgerKeys: () => Promise.resolve(ledgerKeys) },
    scopesOf,
  );
  await lake.putRaw('a', 3);
  await lake.putError('e', '{"id":"a1","amount":"4711"}');
  return lake;
}

test('what is held of a person comes without restricted columns, and its failed records are counted', async () => {
  const lake = await lakeOfOrders();
  const answer = await lake.text('GET', '/v1/subjects/a1', { apiKeyId: 'k2' });
  expect(answer).toMatchObject({
    status: 200,
    headers: {
      'x-row-count': '1',
      'x-columns-left-out': 'order.amount,order.unmapped',
      'x-restricted-records': '1',
    },
  });
  expect(JSON.parse(answer.text)).toMatchObject({ row: { id: 'a1', event: 'a-1' } });
  expect(answer.text).not.toMatch(/amount|4711/);
  const csv = await lake.text('GET', '/v1/subjects/a1', { accept: 'text/csv', apiKeyId: 'k2' });
  expect(csv.text.split('\r\n')[0]).toBe(
    'event type,arrival day,failed record,id,event,event_id,ingested_at',
  );
  const own = await lake.text('GET', '/v1/subjects/a1', { apiKeyId: 'own' });
  expect(own.headers).not.toHaveProperty('x-columns-left-out');
  expect(own.text).toContain('"amount":1,');
  expect(own.text).toContain('4711');
});

test('latest rows, samples of failures and dry runs hide what is restricted', async () => {
  const lake = await lakeOfOrders();
  const rows = await lake.ask('GET', '/v1/lake/order/rows', { apiKeyId: 'k1' });
  expect(rows.headers).toMatchObject({ 'x-columns-left-out': 'amount,unmapped' });
  expect(rows.body).toMatchObject({
    rows: [{ id: 'a2' }, { id: 'a1' }, { id: 'a0' }],
    columnsLeftOut: ['amount', 'unmapped'],
  });
  expect(JSON.stringify(rows.body['rows'])).not.toContain('amount');
  const asked = { body: { table: 'order', dryRun: true } };
  for (const [method, path, parts] of [
    ['GET', '/v1/failures', {}],
    ['POST', '/v1/replays', asked],
  ] as const) {
    expect((await lake.text(method, path, { ...parts, apiKeyId: 'own' })).text).toContain('4711');
    const hidden = await lake.text(method, path, { ...parts, apiKeyId: 'k1' });
    expect(hidden.status).toBe(200);
    expect(hidden.text).not.toContain('4711');
  }
});

test.each([
  ['k2', 'GET', '/v1/lake', 'lacks the scope "operate"'],
  ['k2', 'POST', '/v1/erasures', 'lacks the scope "erase"'],
  ['k2', 'GET', '/v1/erasures/x', 'lacks the scope "erase"'],
  ['k3', 'GET', '/v1/lake/order/days', 'does not permit the event type order'],
  ['k3', 'GET', '/v1/lake/order/rows', 'does not permit the event type order'],
  ['k3', 'POST', '/v1/lake/order/compactions', 'does not permit the event type order'],
  ['k3', 'POST', '/v1/replays', 'does not permit the event type order'],
  ['k3', 'POST', '/v1/erasures', 'does not permit the event type order'],
  ['k3', 'GET', '/v1/subjects/a1', 'does not permit the event type order'],
])('the key %s is refused at %s %s: it %s', async (apiKeyId, method, path, message) => {
  const lake = await lakeOfOrders();
  const body =
    path.endsWith('s') && path !== '/v1/erasures' ? { table: 'order' } : { subject: 'a1' };
  const refused = await lake.ask(method, path, {
    apiKeyId,
    ...(method === 'POST' && { body: path.includes('compactions') ? {} : body }),
  });
  expect(refused.status).toBe(403);
  expect(refused.body['message']).toContain(message);
  expect(lake.started).toEqual([]);
});

test('a replay of a key that may not see a value can not move it to another column', async () => {
  const lake = await lakeOfOrders();
  const fixes = [{ at: '/amount', rename: 'event' }];
  const body = { table: 'order', fixes };
  const refused = await lake.ask('POST', '/v1/replays', { body, apiKeyId: 'k1' });
  expect(refused.status).toBe(403);
  expect(lake.started).toEqual([]);
  expect((await lake.ask('POST', '/v1/replays', { body, apiKeyId: 'own' })).status).toBe(202);
});

test('a key for other event types sees none of these', async () => {
  const lake = await lakeOfOrders();
  for (const [path, member] of [
    ['/v1/lake', 'tables'],
    ['/v1/event-types', 'eventTypes'],
    ['/v1/failures', 'groups'],
  ] as const)
    expect((await lake.ask('GET', path, { apiKeyId: 'k3' })).body[member]).toEqual([]);
});

test('an erasure is shown to keys for all of its event types', async () => {
  const lake = await lakeOfOrders();
  const asked = { body: { subject: 'a1' }, apiKeyId: 'own' };
  const { body } = await lake.ask('POST', '/v1/erasures', asked);
  const path = `/v1/erasures/${String(body['id'])}`;
  expect((await lake.ask('GET', path, { apiKeyId: 'k1' })).status).toBe(200);
  const refused = await lake.ask('GET', path, { apiKeyId: 'k3' });
  expect(refused).toMatchObject({
    status: 403,
    body: { message: 'this API key does not permit the event type order' },
  });
});

test('a key can not ask whether somebody is there by a value that it may not see', async () => {
  const named = defineEvent({
    ...order,
    subject: ['id', 'mail'],
    schema: {
      ...schema,
      properties: { ...schema.properties, mail: { type: 'string', access: 'restricted' } },
    },
  });
  const lake = new TestLake(
    named,
    { readLedgerKeys: () => Promise.resolve(ledgerKeys) },
    scopesByKeyId(
      { own: '', k1: 'subjects', k2: 'mails' },
      {
        subjects: { actions: ['subject'] },
        mails: { actions: ['subject'], restrictedColumns: ['order.mail'] },
      },
    ),
  );
  await lake.putRaw('a', 1);
  for (const person of ['a0', 'nobody']) {
    const refused = await lake.ask('GET', `/v1/subjects/${person}`, { apiKeyId: 'k1' });
    expect(refused).toMatchObject({
      status: 403,
      body: {
        message:
          'this API key does not see all of order.id, order.mail, by which people are found in order',
      },
    });
  }
  for (const apiKeyId of ['own', 'k2'])
    expect((await lake.text('GET', '/v1/subjects/a0', { apiKeyId })).headers).toMatchObject({
      'x-row-count': '1',
    });
});
