import { defineEvent } from '@sluice/event-schema';
import { readManifest } from '@sluice/lake-layout';
import type { TestRow } from './testing/test-lake';
import { createTestApi, jsonOf, today, yesterday, type TestApi } from './testing/test-api';
import { maxScannedBytes } from './find-by-value';

const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'user',
  identity: 'visitId',
  time: 'at',
  indexes: ['session', 'device.id'],
  schema: {
    type: 'object',
    required: ['user', 'visitId', 'at'],
    properties: {
      user: { type: 'string' },
      visitId: { type: 'string' },
      at: { type: 'string', format: 'date-time' },
      session: { type: 'string' },
      device: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } },
      page: { type: 'string' },
    },
  },
});

const pad = (count: number): string => String(count).padStart(6, '0');

const row = (at: number, rest: TestRow = {}): TestRow => ({
  user: `user-${(at * 7_919) % 1_009}`,
  visitid: `v${pad(at)}`,
  event_id: `v${pad(at)}`,
  at: `2026-11-19 ${String(Math.floor(at / 3_600) % 24).padStart(2, '0')}:${String(Math.floor(at / 60) % 60).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}.000`,
  session: `s-${pad(at % 1_001)}`,
  page: `/page/${(at * 104_729) % 999_983}`,
  ...rest,
});

const rows = (first: number, count: number): readonly TestRow[] =>
  Array.from({ length: count }, (_, index) => row(first + index));

const ids = ({ rows: found }: { readonly rows: readonly TestRow[] }): readonly unknown[] =>
  found.map(({ visitid }) => visitid);

/** The ids of rows that have a value, in the order of answers. */
const having = (some: readonly TestRow[], session: string): readonly unknown[] =>
  some
    .filter((each) => each['session'] === session)
    .toSorted((a, b) => (String(a['at']) < String(b['at']) ? -1 : 1))
    .map(({ visitid }) => visitid);

describe('an index of a sealed day', () => {
  it('costs a warm function two requests and at most 100 KB, a cold one two waits and at most 200 KB', async () => {
    const { lake, store, get, restart } = createTestApi(visit);
    const all = rows(0, 3_000);
    await lake.addCompacted(yesterday, all);
    // Of each session there are three visits; as many users may have made them.
    for (const session of ['s-000077', 's-000901']) {
      restart();
      store.reset();
      expect(ids(await get({ session, date: yesterday }))).toEqual(having(all, session));
      expect(store.rounds).toBe(2);
    }
    const one = all.slice(0, 2_400).map((each, at) => ({ ...each, session: `one-${at}` }));
    await lake.addCompacted('2026-11-18', one);
    restart();
    store.reset();
    await get({ session: 'one-5', date: '2026-11-18' });
    expect(store.rounds).toBe(2);
    expect(store.bytes).toBeLessThan(200 << 10);
    for (const session of ['one-17', 'one-2399']) {
      store.reset();
      expect(ids(await get({ session, date: '2026-11-18' }))).toHaveLength(1);
      expect({ rounds: store.rounds, requests: store.requests }).toEqual({
        rounds: 2,
        requests: 2,
      });
      expect(store.bytes).toBeLessThan(100 << 10);
    }
    store.reset();
    expect(await get({ session: 'one-17x', date: '2026-11-18' })).toMatchObject({ count: 0 });
    expect(store.requests).toBe(1);
  });

  it('takes three waits of a cold function, and the same rows, where what was written of the day is of other files', async () => {
    const { lake, store, get, restart } = createTestApi(visit);
    await lake.addCompacted(yesterday, rows(0, 1_000));
    // Files of earlier releases are of the day as well, and its places are no longer true.
    await lake.addCompacted(yesterday, rows(1_000, 10), { isDescribed: false });
    restart();
    store.reset();
    expect(ids(await get({ session: 's-000003', date: yesterday }))).toEqual([
      'v000003',
      'v001004',
    ]);
    expect(store.rounds).toBeGreaterThan(2);
  });

  it('pages in both orders, within times, and gives the latest', async () => {
    const { lake, get } = createTestApi(visit);
    const all = rows(0, 900).map((each, at): TestRow => ({
      ...each,
      session: at % 3 === 0 ? 'hot' : 'x',
    }));
    await lake.addCompacted(yesterday, all);
    const wanted = having(all, 'hot');
    for (const order of ['asc', 'desc']) {
      const found: unknown[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page = await get({ session: 'hot', order, limit: '70', cursor, date: yesterday });
        found.push(...ids(page));
        ({ cursor } = page);
      }
      expect(found).toEqual(order === 'asc' ? wanted : wanted.toReversed());
    }
    expect(ids(await get({ session: 'hot', latest: '1' }))).toEqual(wanted.slice(-1));
    const window = { since: '2026-11-19T00:05:00Z', until: '2026-11-19T00:10:00Z' };
    expect(ids(await get({ session: 'hot', ...window, limit: '1000' }))).toEqual(
      wanted.filter((id) => id! >= 'v000300' && id! < 'v000600'),
    );
    const columns = await get({ session: 'hot', columns: 'page', limit: '1' });
    expect(columns.rows).toEqual([{ page: all[0]?.['page'] }]);
  });

  it('reads few row groups of a user with many rows', async () => {
    const { lake, store, get } = createTestApi(visit);
    const all = rows(0, 8_000).map((each, at) => ({
      ...each,
      user: 'robot',
      session: at % 7_000 === 5 ? 'rare' : `s-${at}`,
    }));
    await lake.addCompacted(yesterday, all);
    await get({ session: 's-7', date: yesterday });
    store.reset();
    expect(ids(await get({ session: 'rare', date: yesterday }))).toEqual(having(all, 'rare'));
    expect(store.bytes).toBeLessThan(450 << 10);
  });
});

describe('the running day', () => {
  it('takes two waits of a warm function with ten raw files, new ones or known ones', async () => {
    const { lake, store, get, restart } = createTestApi(visit);
    const all = rows(0, 2_000).map((each, at) => ({ ...each, session: `one-${at}` }));
    await lake.addCompacted(today, all, { sealed: false });
    restart();
    await get({ session: 'one-1', date: today });
    for (let file = 0; file < 10; file++) await lake.addRaw(today, rows(2_000 + file * 9, 9));
    for (const session of ['one-1700', 'one-33']) {
      store.reset();
      expect(ids(await get({ session, date: today }))).toHaveLength(1);
      expect(store.rounds).toBe(2);
    }
    // The list, the entries, the row; raw files are in memory.
    expect(store.requests).toBe(3);
    store.reset();
    expect(ids(await get({ session: 's-000200', date: today }))).toEqual([]);
    expect(ids(await get({ session: 's-000044', date: today }))).toEqual(['v002046']);
  });

  it('finds rows beside a compaction that replaces what was read early', async () => {
    const { lake, store, get } = createTestApi(visit);
    const file = await lake.addCompacted(today, rows(0, 500), { sealed: false });
    await get({ session: 's-000003', date: today });
    await lake.commit(today, { remove: [file.key], sealed: false });
    await lake.store.delete([file.key]);
    await lake.addCompacted(today, rows(0, 600), { sealed: false });
    store.reset();
    expect(ids(await get({ session: 's-000003', date: today }))).toEqual(['v000003']);
    expect(ids(await get({ session: 's-000599', date: today }))).toEqual(['v000599']);
  });

  it('finds rows of indexed files, of unindexed ones and of raw files, each event once', async () => {
    const { lake, get } = createTestApi(visit);
    await lake.addCompacted(today, rows(0, 500), { sealed: false });
    await lake.addCompacted(today, rows(500, 500), { sealed: false, isDescribed: false });
    // Of the copies of an event the first to arrive counts, also where another one has the value.
    await lake.addRaw(today, [
      row(3, { ingested_at: '2026-11-20 10:30:00.000' }),
      row(4, { ingested_at: '2026-11-20 10:30:00.000', session: 'changed' }),
      row(1_000, { session: 's-000003' }),
    ]);
    await lake.addRaw(today, [
      row(5, { ingested_at: '2026-11-20 09:30:00.000', session: 'first' }),
    ]);
    expect(ids(await get({ session: 's-000003', date: today }))).toEqual(['v000003', 'v001000']);
    expect(ids(await get({ session: 's-000501', date: today }))).toEqual(['v000501']);
    expect(ids(await get({ session: 'changed', date: today }))).toEqual([]);
    expect(ids(await get({ session: 's-000004', date: today }))).toEqual(['v000004']);
    expect(ids(await get({ session: 'first', date: today }))).toEqual(['v000005']);
    expect(ids(await get({ session: 's-000005', date: today }))).toEqual([]);
  });

  it('pages through a value that only raw files have', async () => {
    const { lake, get } = createTestApi(visit);
    const some = rows(0, 300).map((each) => ({
      ...each,
      session: 'raw',
      at: '2026-11-20 01:00:00.000',
    }));
    await lake.addRaw(today, some.slice(0, 200));
    await lake.addRaw(today, some.slice(150));
    const found: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await get({ session: 'raw', limit: '70', cursor, date: today });
      found.push(...ids(page));
      ({ cursor } = page);
    }
    expect(found).toHaveLength(300);
    expect(new Set(found).size).toBe(300);
  });
});

it('a UUID is found in whatever case it is asked for or was stored', async () => {
  const { lake, get } = createTestApi(visit);
  const device = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  await lake.addCompacted(yesterday, [row(1, { device_id: device })]);
  await lake.addRaw(today, [row(2, { device_id: device.toUpperCase() })]);
  expect(ids(await get({ 'device.id': device.toUpperCase() }))).toEqual(['v000001', 'v000002']);
});

it('a POST asks by one value as a GET does, so that it need not be in a URL', async () => {
  const { lake, send } = createTestApi(visit);
  await lake.addCompacted(yesterday, rows(0, 100));
  const post = async (body: object) => {
    const { status, body: text } = await send({
      method: 'POST',
      path: '/v1/events/visit/lookup',
      body: JSON.stringify(body),
    });
    return status === 200 ? ids(jsonOf({ status, headers: {}, body: text })) : String(text);
  };
  expect(await post({ session: 's-000042', date: yesterday })).toEqual(['v000042']);
  expect(await post({ session: 's-none' })).toEqual([]);
  expect(await post({ session: 'a', ids: ['b'] })).toMatch(/give one of \\"ids\\", \\"session\\"/);
  expect(await post({ session: ['a'] })).toMatch(/session must be a string or an integer/);
  expect(await post({})).toMatch(/"ids\\" is missing.* or \{\\"session\\":…\}/);
});

describe('what can not be answered is refused', () => {
  const statusOf = async ({ send }: TestApi, query: Readonly<Record<string, string>>) => {
    const { status, body } = await send({ query });
    return `${status} ${String(body)}`;
  };
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'two values',
      { id: 'a', session: 'b' },
      /400.*give one of \\"id\\", \\"session\\", \\"device.id\\"/,
    ],
    ['no value', {}, /400.*add \?id=… or \?session=… or \?device.id=…/],
    ['a value of another type', { 'device.id': 'x' }, /400.*\\"device.id\\" must be a UUID/],
    ['a path without an index', { page: '/' }, /400.*unknown parameter/],
    ['a long value', { session: 'x'.repeat(1_025) }, /400.*1024/],
  ])('%s', async (_, query, message) => {
    expect(await statusOf(createTestApi(visit), query)).toMatch(message);
  });

  it('a history without an index that is too large to be searched, with what to do', async () => {
    const api = createTestApi(visit);
    await api.lake.addCompacted(yesterday, rows(0, 10), { isDescribed: false });
    const stored = await readManifest(api.lake.store, 'visit', yesterday);
    const [file] = stored?.manifest.files ?? [];
    if (!file) throw new Error('no file');
    await api.lake.commit(yesterday, { remove: [file.key] });
    await api.lake.commit(yesterday, {
      add: [{ ...file, bytes: maxScannedBytes + 1 }],
    });
    expect(await statusOf(api, { session: 's', date: yesterday })).toMatch(
      /^409 .*67.1 MB of visit have no index.*from 2026-11-19 on.*lake -- reindex --event visit/,
    );
    expect((await api.get({ session: 's', date: today })).count).toBe(0);
  });
});

it('the plan of an answer names the index that was read', async () => {
  const { lake, send } = createTestApi(visit);
  await lake.addCompacted(yesterday, rows(0, 100));
  const { body } = await send({ query: { session: 's-000042', explain: 'true' } });
  const { explain } = jsonOf({ status: 200, headers: {}, body });
  expect(explain).toMatchObject({ index: 'session' });
  expect(JSON.stringify(explain)).toContain('/indexes/dt=');
});
