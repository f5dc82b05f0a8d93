import { defineEvent } from '@sluice/event-schema';
import { currentHash, readHashKeys } from '@sluice/privacy';
import { addToLedger, ledgerEntries, settleLedger } from '@sluice/privacy/erasures';
import { createLookupApi } from './lookup-api';
import { jsonOf, policy, policyRow, yesterday } from './testing/test-api';
import { TestLake } from './testing/test-lake';

const keys = readHashKeys(JSON.stringify({ current: '1', '1': 'l'.repeat(40) }));
const owned = defineEvent({
  ...policy,
  subject: 'owner.id',
  privacy: { 'owner.id': 'hash' },
  schema: {
    ...policy.schema,
    properties: {
      ...policy.schema.properties,
      owner: { type: 'object', properties: { id: { type: 'string' } } },
    },
  },
});
const ada = currentHash(readHashKeys(JSON.stringify({ current: '1', '1': 'h'.repeat(40) }))).of(
  'ada',
);
const arrived = '2026-11-19 10:00:00.000';
const arrivedMs = Date.parse('2026-11-19T10:00:00Z');
const row = (no: string, id: string, owner: string) =>
  policyRow(no, id, { owner_id: owner, ingested_at: arrived });

async function api({ hasKeys = true } = {}) {
  const lake = new TestLake(owned);
  await lake.addCompacted(yesterday, [
    row('P1', 'a', ada),
    row('P1', 'b', 'h1_other'),
    row('P1', 'c', ada),
    row('P2', 'd', 'ada'),
  ]);
  let nowMs = lake.nowMs;
  let gets = 0;
  let failed = 0;
  const send = createLookupApi({
    eventTypes: [owned],
    store: {
      list: (...list) => lake.store.list(...list),
      get: (...get) => {
        gets++;
        return lake.store.get(...get);
      },
    },
    now: () => nowMs,
    onError: () => failed++,
    ...(hasKeys && { readLedgerKeys: () => Promise.resolve(keys) }),
  });
  const ask = (query: Record<string, string>, headers = new Map<string, string>()) =>
    send({
      method: 'GET',
      path: '/v1/events/policy',
      query: new Map(
        Object.entries({ date: yesterday, ...query }).map(([name, value]) => [name, [value]]),
      ),
      headers,
      body: '',
    });
  return {
    ask,
    ids: async (query: Record<string, string>) =>
      jsonOf(await ask(query)).rows.map(({ event_id }) => event_id),
    hide: (untilMs: number, suppress = false) =>
      addToLedger(
        lake.store,
        'policy',
        ledgerEntries(keys, ['ada', ada], { untilMs, suppress, erasure: 'e1' }),
      ),
    settle: () => settleLedger(lake.store, 'policy', 'e1'),
    wait: (ms: number) => (nowMs += ms),
    gets: () => gets,
    failed: () => failed,
  };
}

test('somebody who is to be forgotten is gone within five seconds, whatever columns and limits are asked for', async () => {
  const { ask, ids, hide, wait } = await api();
  expect(await ids({ id: 'P1' })).toEqual(['a', 'b', 'c']);
  const { headers } = await ask({ id: 'P1' });
  expect(headers['cache-control']).toBe('no-cache');
  await hide(arrivedMs);
  wait(5_000);
  expect(await ids({ id: 'P1' })).toEqual(['b']);
  expect(await ids({ id: 'P2' })).toEqual([]);
  const one = jsonOf(await ask({ id: 'P1', columns: 'event_id', limit: '1' }));
  expect(one).toMatchObject({ rows: [{ event_id: 'b' }], cursor: null });
  expect(jsonOf(await ask({ id: 'P1', latest: '1', columns: 'event_id' })).rows).toEqual([
    { event_id: 'b' },
  ]);
  const etag = headers['etag'] ?? '';
  expect((await ask({ id: 'P1' }, new Map([['if-none-match', etag]]))).status).toBe(200);
});

test('what arrives after the request is shown, unless later events are suppressed', async () => {
  const { ids, hide, settle, wait } = await api();
  await hide(arrivedMs - 1);
  expect(await ids({ id: 'P1' })).toEqual(['a', 'b', 'c']);
  await hide(arrivedMs - 1, true);
  wait(2_000);
  expect(await ids({ id: 'P1' })).toEqual(['b']);
  await settle();
  wait(2_000);
  expect(await ids({ id: 'P1' })).toEqual(['b']);
});

test('a ledger costs one small request every two seconds, beside the others', async () => {
  const { ids, hide, gets, wait } = await api();
  await hide(arrivedMs);
  await ids({ id: 'P1' });
  const first = gets();
  await ids({ id: 'P1' });
  const again = gets() - first;
  wait(2_000);
  await ids({ id: 'P1' });
  expect(gets() - first - again).toBe(again + 1);
});

test('without the key of the ledger there is no answer rather than a wrong one', async () => {
  const { ask, hide, failed } = await api({ hasKeys: false });
  await hide(arrivedMs);
  expect((await ask({ id: 'P1' })).status).toBe(500);
  expect(failed()).toBe(1);
});

test.each([
  ['the key', { ...policy, subject: policy.key }, { id: 'P1' }, policy.key],
  ['an index', { ...owned, indexes: ['owner.id'] }, { 'owner.id': ada }, 'owner.id'],
])(
  'a look-up by %s that names people is noted for the audit log',
  async (_, definition, query, by) => {
    const eventType = defineEvent(definition);
    const lake = new TestLake(eventType);
    await lake.addCompacted(yesterday, [row('P1', 'a', ada), row('P2', 'b', 'h1_other')]);
    const noted: unknown[] = [];
    const send = createLookupApi({
      ...{ eventTypes: [eventType], store: lake.store, now: () => lake.nowMs },
      onPersonLookup: (lookup) => noted.push(lookup),
    });
    const ask = (asked: Record<string, string>, headers = new Map<string, string>()) =>
      send({
        ...{ method: 'GET', path: '/v1/events/policy', headers, body: '' },
        query: new Map(
          Object.entries({ date: yesterday, ...asked }).map(([name, value]) => [name, [value]]),
        ),
      });
    const { status, headers } = await ask(query);
    expect(status).toBe(200);
    await ask(query, new Map([['if-none-match', headers['etag'] ?? '']]));
    await ask({});
    expect(noted).toEqual([
      { eventType: 'policy', by, rows: 1 },
      { eventType: 'policy', by, rows: undefined },
    ]);
  },
);
