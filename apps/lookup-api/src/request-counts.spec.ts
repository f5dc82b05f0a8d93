import { createLookupApi } from './lookup-api';
import type { TestRow } from './testing/test-lake';
import { createTestApi, policy, policyRow, today, yesterday } from './testing/test-api';

const pad = (index: number): string => String(index).padStart(6, '0');

/** Returns rows that are about as wide as real ones. */
const rows = (count: number, prefix = 'P'): readonly TestRow[] =>
  Array.from({ length: count }, (_, index) =>
    policyRow(
      `${prefix}-${pad(index)}`,
      `${prefix}${pad(index)}-${pad((index * 7_919) % 999_983)}`,
      {
        amount: (index * 7_919) % 100_003,
        price: `${index % 1_000}.50`,
        signedon: '2026-01-31',
        signedat: `2026-01-31 12:${pad(index % 60).slice(-2)}:00.000000`,
        ratio: index / 7,
        isopen: index % 2 === 0,
        tags: [`tag-${index % 13}`],
        notes: JSON.stringify({ seen: index }),
      },
    ),
  );

describe('a sealed day', () => {
  it.each([
    { files: 'files', isDescribed: true, coldRounds: 2 },
    { files: 'files of an earlier release', isDescribed: false, coldRounds: 3 },
  ])(
    'of $files takes $coldRounds waits of a cold function, then one request of a warm one',
    async ({ isDescribed, coldRounds }) => {
      const { lake, store, get, restart } = createTestApi();
      await lake.addCompacted(yesterday, rows(8_000), { isDescribed });
      const find = async (id: string): Promise<void> => {
        store.reset();
        const { rows: found } = await get({ id, date: yesterday });
        expect(found).toHaveLength(1);
      };
      restart();
      await find('P-000077');
      expect({ rounds: store.rounds, requests: store.requests }).toEqual({
        rounds: coldRounds,
        requests: coldRounds,
      });
      expect(store.bytes).toBeLessThan((isDescribed ? 80 : 320) << 10);
      for (const id of ['P-004242', 'P-007999']) {
        await find(id);
        expect({ rounds: store.rounds, requests: store.requests }).toEqual({
          rounds: 1,
          requests: 1,
        });
        expect(store.bytes).toBeLessThan(64 << 10);
      }
    },
  );

  it('costs no more for an id that exists nowhere', async () => {
    const { lake, store, get } = createTestApi();
    await lake.addCompacted(yesterday, rows(5_000));
    await get({ id: 'P-000001', date: yesterday });
    for (const [id, requests] of [
      ['P-000001', 1],
      ['P-000001x', 1],
      ['A', 0],
      ['zzz', 0],
    ] as const) {
      store.reset();
      await get({ id, date: yesterday });
      expect(store.requests).toBe(requests);
    }
  });

  it('reads only the file of the key, where there are several', async () => {
    const { lake, store, get } = createTestApi();
    for (const prefix of ['A', 'B', 'C', 'D'])
      await lake.addCompacted(yesterday, rows(1_500, prefix));
    await get({ id: 'C-000100', date: yesterday });
    store.reset();
    expect(await get({ id: 'C-001400', date: yesterday })).toMatchObject({ count: 1 });
    expect(store.requests).toBe(1);
  });
});

describe('the running day', () => {
  it('takes two waits with ten raw files, and one list and the row group once they are known', async () => {
    const { lake, store, get } = createTestApi();
    await lake.addCompacted(today, rows(5_000), { sealed: false });
    await get({ id: 'P-000001', date: today });
    for (let file = 0; file < 10; file++) await lake.addRaw(today, rows(300, `R${file}`));
    for (const id of ['P-004321', 'R7-000299', 'nowhere']) {
      store.reset();
      await get({ id, date: today });
      expect(store.rounds).toBeLessThanOrEqual(2);
    }
    // The raw files are in memory now: the day is listed for new ones, and the row group is read.
    store.reset();
    expect(await get({ id: 'P-004321', date: today })).toMatchObject({ count: 1 });
    expect(store.requests).toBe(2);
  });

  it('takes two waits of a cold function, whatever compaction wrote', async () => {
    const { lake, store, get, restart } = createTestApi();
    for (const prefix of ['P', 'Q'])
      await lake.addCompacted(today, rows(1_000, prefix), { sealed: false });
    await lake.addRaw(today, rows(300, 'R'));
    restart();
    store.reset();
    expect(await get({ id: 'Q-000321', date: today })).toMatchObject({ count: 1 });
    expect(store.rounds).toBe(2);
  });

  it('takes two waits without any compaction', async () => {
    const { lake, store, get } = createTestApi();
    for (let file = 0; file < 10; file++) await lake.addRaw(today, rows(300, `R${file}`));
    store.reset();
    expect(await get({ id: 'R7-000299', date: today })).toMatchObject({ count: 1 });
    expect(store.rounds).toBe(2);
  });
});

it('looks at 31 days of an earlier release at once', async () => {
  const { lake, store, get } = createTestApi();
  const days = Array.from(
    { length: 31 },
    (_, day) => `2026-10-${String(day + 1).padStart(2, '0')}`,
  );
  for (const day of days) await lake.addCompacted(day, rows(40), { isDescribed: false });
  const query = { id: 'P-000015', from: '2026-10-01', to: '2026-10-31' };
  store.reset();
  expect(await get({ ...query, columns: 'rowid' })).toMatchObject({ count: 1 });
  expect(store.rounds).toBe(3);
  expect(store.requests).toBe(3 * 31);
  store.reset();
  await get(query);
  expect({ rounds: store.rounds, requests: store.requests }).toEqual({ rounds: 1, requests: 31 });
  expect(store.warnedListeners).toBe(0);
});

describe('what a look-up cost', () => {
  it('is told once for each look-up that was not refused, found or not, failed or not', async () => {
    const { lake, store } = createTestApi();
    await lake.addCompacted(yesterday, rows(100));
    const told: object[] = [];
    let isAway = false;
    const api = createLookupApi({
      eventTypes: [policy],
      store: {
        list: (prefix, options) => store.list(prefix, options),
        get: (key, options) =>
          isAway ? Promise.reject(new Error('S3 is away')) : store.get(key, options),
      },
      now: () => lake.nowMs,
      onLookup: ({ name }, costs) => told.push({ name, ...costs }),
    });
    const statusOf = async (query: Readonly<Record<string, string>>): Promise<number> =>
      (
        await api({
          method: 'GET',
          path: '/v1/events/policy',
          query: new Map(Object.entries(query).map(([key, value]) => [key, [value]])),
          headers: new Map(),
          body: '',
        })
      ).status;

    store.reset();
    expect(await statusOf({ id: 'P-000001', date: yesterday })).toBe(200);
    expect(told).toEqual([
      { name: 'policy', lists: 0, gets: store.requests, hedges: 0, bytesRead: store.bytes },
    ]);
    expect(await statusOf({ id: 'A', date: yesterday })).toBe(200);
    expect(told[1]).toEqual({ name: 'policy', lists: 0, gets: 0, hedges: 0, bytesRead: 0 });
    expect(await statusOf({ id: 'P-000001', date: 'never' })).toBe(400);
    expect(told).toHaveLength(2);
    isAway = true;
    expect(await statusOf({ id: 'P-000001', date: yesterday })).toBe(500);
    expect(told).toHaveLength(3);
  });
});
