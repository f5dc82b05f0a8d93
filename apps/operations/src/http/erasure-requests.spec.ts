import { defineEvent } from '@sluice/event-schema';
import { readHashKeys } from '@sluice/privacy';
import { LedgerMatch, readErasure, readLedger, subjectOf } from '@sluice/privacy/erasures';
import { noonMs, order, TestLake } from '../testing';

const keysOf = (letter: string) =>
  readHashKeys(JSON.stringify({ current: '1', '1': letter.repeat(40) }));
const ledgerKeys = keysOf('l');
const hashKeys = keysOf('h');
const person = defineEvent({ ...order, subject: 'id', privacy: { id: 'hash' } });

const lakeOf = (eventType = person) =>
  new TestLake(eventType, {
    readLedgerKeys: () => Promise.resolve(ledgerKeys),
    readHashKeys: () => Promise.resolve(hashKeys),
  });

test('whoever is answered 202 is hidden, the work is begun, and the name is nowhere in clear', async () => {
  const lake = lakeOf();
  const { status, headers, body } = await lake.ask('POST', '/v1/erasures', {
    body: { subject: 'ada@example.org' },
  });
  expect(status).toBe(202);
  expect(headers['location']).toBe('erasures/run-1');
  expect(body).toEqual({
    ...{ id: 'run-1', state: 'pending', tables: ['order'], suppress: false },
    requestedAtMs: noonMs,
  });
  expect(lake.started).toEqual([['erasures', { action: 'erase', id: 'run-1' }]]);
  const ledger = await readLedger(lake.store, 'order');
  const match = new LedgerMatch(ledger?.entries ?? [], ledgerKeys);
  expect(match.hides('ada@example.org', noonMs)).toBe(true);
  expect(match.hides('ada@example.org', noonMs + 60_000)).toBe(false);
  expect(match.hides('ada@example.com', noonMs)).toBe(false);
  for await (const { key } of lake.store.list(''))
    expect(Buffer.from((await lake.store.get(key)).bytes).toString()).not.toContain('ada');
  const stored = await readErasure(lake.store, 'run-1');
  expect(stored && subjectOf(ledgerKeys, stored.erasure)).toBe('ada@example.org');

  const asked = await lake.ask('GET', '/v1/erasures/run-1');
  expect(asked).toMatchObject({ status: 200, body: { id: 'run-1', state: 'pending' } });
  expect(asked.body).not.toHaveProperty('sealedSubject');
});

test.each([
  [{}, 400, /"subject" must be/],
  [{ subject: ' ' }, 400, /"subject" must be/],
  [{ subject: 7 }, 400, /"subject" must be/],
  [{ subject: 'a'.repeat(1_025) }, 400, /at most 1024/],
  [{ subject: 'ada', eventType: 'visit' }, 400, /"visit".*there is order/],
  [{ subject: 'ada', suppress: 'yes' }, 400, /"suppress" must be true or false/],
  [{ subject: 'ada', subjects: [] }, 400, /unknown member "subjects"/],
])('the request %j is refused', async (body, status, detail) => {
  const lake = lakeOf();
  const answer = await lake.ask('POST', '/v1/erasures', { body });
  expect(answer).toMatchObject({
    status,
    body: { message: expect.stringMatching(detail) as unknown },
  });
  expect(lake.started).toEqual([]);
  expect(await readLedger(lake.store, 'order')).toBeUndefined();
});

test('where nothing names people that is said', async () => {
  const answer = await lakeOf(order).ask('POST', '/v1/erasures', { body: { subject: 'ada' } });
  expect(answer).toMatchObject({
    status: 400,
    body: { message: expect.stringMatching(/subject/) as unknown },
  });
  expect(await lakeOf().ask('GET', '/v1/erasures/..%2Fx')).toMatchObject({ status: 404 });
  expect(await lakeOf().ask('GET', '/v1/erasures/none')).toMatchObject({ status: 404 });
});
