import {
  defineEvent,
  defineJoin,
  defineQuery,
  preparedSql,
  rowsByKey,
  scopesByKeyId,
  type Catalog,
} from '@sluice/event-schema';
import { shop } from '@sluice/event-schema/testing/shop';
import { createTestApi, executionId, jsonOf, workGroup } from '../testing/test-api';

const [sale, customers] = [shop.eventTypes[0], shop.references[0]];
if (!sale || !customers) throw new Error('the shop has no event type');
const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'id',
  schema: {
    type: 'object',
    required: ['id', 'customer'],
    properties: {
      id: { type: 'string' },
      customer: { type: 'integer' },
      mail: { type: 'string', access: 'restricted' },
    },
  },
});
const visitors = defineJoin({
  name: 'visitors',
  left: visit,
  right: customers,
  on: { left: 'customer', right: 'id' },
  type: 'left',
  columns: { left: ['mail'], right: [] },
});
const mails = defineQuery({ name: 'mails', sql: 'SELECT mail AS m FROM visit', parameters: {} });
const catalog: Catalog = {
  ...shop,
  eventTypes: [...shop.eventTypes, visit],
  joins: [...shop.joins, visitors],
  queries: [...shop.queries, rowsByKey(visit), mails],
};
const scopesOf = scopesByKeyId(
  { own: '', k1: 'plain', k2: 'sales', k3: 'lookups', k4: 'mails' },
  {
    plain: {},
    sales: { eventTypes: ['sale'], restrictedColumns: 'all' },
    lookups: { actions: ['look-up'] },
    mails: { restrictedColumns: ['visit.mail'] },
  },
);
const createApi = () => createTestApi({ catalog, scopesOf });

test('a query that reads a restricted column is refused to a key without its scope, and so is its result', async () => {
  const api = createApi();
  const refused = await api.send('POST', '/v1/queries/mails', { apiKeyId: 'k1' });
  expect(refused.status).toBe(403);
  expect(jsonOf(refused)['message']).toContain('the query mails reads mail, which is restricted');
  expect(api.engine.started).toEqual([]);
  // Whoever started it, its result is for keys with the scope.
  const { id } = jsonOf(await api.send('POST', '/v1/queries/mails', { apiKeyId: 'k4' }));
  const path = `/v1/queries/${String(id)}`;
  for (const method of ['GET', 'DELETE'])
    expect((await api.send(method, path, { apiKeyId: 'k1' })).status).toBe(403);
  expect(api.engine.stopped).toEqual([]);
  expect((await api.send('GET', path, { apiKeyId: 'own' })).status).toBe(202);
});

test('restricted columns are left out of rows by their key, and the answer says so', async () => {
  const api = createApi();
  api.engine.columns = [
    { name: 'id', type: 'varchar' },
    { name: 'mail', type: 'varchar' },
    { name: 'unmapped', type: 'varchar' },
    { name: 'customer', type: 'bigint' },
  ];
  api.engine.rows = [['a', 'ada@example.org', '{"Mail":"ada@example.org"}', '7']];
  const id = executionId(1);
  api.engine.executions.set(id, {
    ...{ id, workGroup, state: 'SUCCEEDED' },
    sql: preparedSql(rowsByKey(visit)),
  });
  const plain = await api.send('GET', `/v1/queries/${id}`, { apiKeyId: 'k1' });
  expect(plain.headers).toMatchObject({
    'x-columns-left-out': 'mail,unmapped',
    // A browser keeps an answer for some minutes, and must not give it to another key.
    vary: 'accept, x-api-key, accept-encoding',
  });
  expect(jsonOf(plain)).toMatchObject({
    rows: [{ id: 'a', customer: 7 }],
    columnsLeftOut: ['mail', 'unmapped'],
  });
  expect(String(plain.body)).not.toContain('ada@');
  const own = await api.send('GET', `/v1/queries/${id}`, { apiKeyId: 'own' });
  expect(jsonOf(own)['rows']).toMatchObject([{ mail: 'ada@example.org', customer: 7 }]);
  expect(own.headers).not.toHaveProperty('x-columns-left-out');
});

test.each([
  ['k2', 'POST', '/v1/queries/mails', 'reads events of visit, which this API key does not permit'],
  ['k2', 'POST', '/v1/jobs/visitors/runs', 'the join visitors reads events of visit'],
  ['k2', 'GET', '/v1/jobs/visitors/runs/x', 'the join visitors reads events of visit'],
  ['k3', 'GET', '/v1/queries', 'this API key does not permit queries and joins'],
])('the key %s is refused at %s %s: %s', async (apiKeyId, method, path, message) => {
  const api = createApi();
  const refused = await api.send(method, path, { apiKeyId });
  expect(refused.status).toBe(403);
  expect(jsonOf(refused)['message']).toContain(message);
  expect(api.runs.started).toEqual([]);
});

test('a key for some event types runs their queries and joins', async () => {
  const api = createApi();
  const body = { id: 1, from: '2026-11-01', to: '2026-11-02' };
  expect(
    (await api.send('POST', '/v1/queries/sales_of_customer', { body, apiKeyId: 'k2' })).status,
  ).toBe(202);
  expect((await api.send('POST', '/v1/jobs/sale_shops/runs', { apiKeyId: 'k2' })).status).toBe(202);
});
