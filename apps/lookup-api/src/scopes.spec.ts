import { defineEvent, scopesByKeyId } from '@sluice/event-schema';
import { createTestApi, jsonOf, today } from './testing/test-api';

const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'id',
  indexes: ['mail', 'city'],
  schema: {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string' },
      mail: { type: 'string', access: 'restricted' },
      city: { type: 'string' },
    },
  },
});
const scopesOf = scopesByKeyId(
  { own: '', k1: 'plain', k2: 'mails', k3: 'other', k4: 'queries' },
  {
    plain: {},
    mails: { restrictedColumns: ['visit.mail'] },
    other: { eventTypes: ['order'] },
    queries: { actions: ['query'] },
  },
);

async function apiWithRow() {
  const api = createTestApi(visit, scopesOf);
  const row = { id: 'a', mail: 'ada@example.org', city: 'Ulm', event_id: 'e' };
  await api.lake.addCompacted(today, [{ ...row, unmapped: '{"Mail":"ada@example.org"}' }]);
  return api;
}

test('a restricted column is left out for a key without its scope, and the answer says so', async () => {
  const api = await apiWithRow();
  const answer = await api.send({ query: { id: 'a' }, apiKeyId: 'k1' });
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'x-columns-left-out': 'mail,unmapped', vary: 'accept, x-api-key, accept-encoding' },
  });
  expect(String(answer.body)).not.toContain('ada@');
  expect(jsonOf(answer)).toMatchObject({
    rows: [{ id: 'a', city: 'Ulm', event_id: 'e' }],
    columnsLeftOut: ['mail', 'unmapped'],
  });
  // No answer of one key is taken for that of another.
  const { etag } = answer.headers as { readonly etag: string };
  const own = await api.send({
    query: { id: 'a' },
    headers: { 'if-none-match': etag },
    apiKeyId: 'own',
  });
  expect(own).toMatchObject({ status: 200 });
  expect(own.headers).not.toHaveProperty('x-columns-left-out');
  for (const apiKeyId of ['own', 'k2'])
    expect(jsonOf(await api.send({ query: { id: 'a' }, apiKeyId })).rows[0]).toMatchObject({
      mail: 'ada@example.org',
      unmapped: '{"Mail":"ada@example.org"}',
    });
});

test.each(['text/csv', 'application/x-ndjson', 'application/vnd.apache.arrow.stream'])(
  'a restricted column is left out of %s',
  async (accept) => {
    const api = await apiWithRow();
    const textFor = async (apiKeyId: string): Promise<string> => {
      const { body } = await api.send({ query: { id: 'a' }, headers: { accept }, apiKeyId });
      return Buffer.from(body as Uint8Array).toString('latin1');
    };
    expect(await textFor('k1')).not.toMatch(/ada@|mail/);
    expect(await textFor('own')).toContain('ada@');
  },
);

test.each([
  [{ query: { id: 'a', columns: 'id,mail' } }, '"mail" is restricted, and this API key may not'],
  [{ query: { id: 'a', columns: 'unmapped' } }, '"unmapped" is restricted'],
  // Whether there is a row with a value tells the value.
  [{ query: { mail: 'ada@example.org' } }, '"mail" is restricted'],
  [
    {
      method: 'POST',
      path: '/v1/events/visit/lookup',
      body: JSON.stringify({ mail: 'ada@example.org' }),
    },
    '"mail" is restricted',
  ],
])('%j is refused to a key without the scope', async (parts, message) => {
  const api = await apiWithRow();
  const refused = await api.send({ ...parts, apiKeyId: 'k1' });
  expect(refused.status).toBe(403);
  expect(jsonOf(refused).message).toContain(message);
  expect(api.store.requests).toBe(0);
  expect((await api.send({ ...parts, apiKeyId: 'k2' })).status).toBe(200);
});

test.each([
  ['k3', 'this API key does not permit the event type visit'],
  ['k4', 'this API key does not permit look-ups'],
])('the key %s is refused: %s', async (apiKeyId, message) => {
  const api = await apiWithRow();
  const refused = await api.send({ query: { id: 'a' }, apiKeyId });
  expect(refused.status).toBe(403);
  expect(jsonOf(refused).message).toBe(message);
});

test('without scopes every key sees every column', async () => {
  const api = createTestApi(visit);
  await api.lake.addCompacted(today, [{ id: 'a', mail: 'ada@example.org', event_id: 'e' }]);
  const answer = await api.send({ query: { id: 'a' }, apiKeyId: 'any' });
  expect(jsonOf(answer).rows[0]).toMatchObject({ mail: 'ada@example.org', unmapped: null });
  expect(jsonOf(answer)).not.toHaveProperty('columnsLeftOut');
});
