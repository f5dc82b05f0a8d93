import type { GetOptions, ListOptions, ObjectStore } from '@sluice/lake-layout';
import { createLookupApi } from './lookup-api';
import { jsonOf, policy, policyRow, today } from './testing/test-api';
import { TestLake } from './testing/test-lake';

/**
 * Returns a store that runs something before each of its operations, such as between the listing of a day and the
 * reading of its files.
 */
function interrupted(
  store: ObjectStore,
  before: (operation: 'list' | 'get', key: string) => Promise<void>,
): Pick<ObjectStore, 'list' | 'get'> {
  return {
    async *list(prefix: string, options?: ListOptions) {
      await before('list', prefix);
      yield* store.list(prefix, options);
    },
    async get(key: string, options?: GetOptions) {
      await before('get', key);
      return store.get(key, options);
    },
  };
}

function setUp(before: (operation: 'list' | 'get', key: string) => Promise<void>) {
  const lake = new TestLake(policy);
  const api = createLookupApi({
    eventTypes: [policy],
    store: interrupted(lake.store, before),
    now: () => lake.nowMs,
    onError: (error) => {
      throw error;
    },
  });
  const rowIds = async (): Promise<unknown> => {
    const answer = await api({
      method: 'GET',
      path: '/v1/events/policy',
      query: new Map([
        ['id', ['C-1']],
        ['date', [today]],
        ['columns', ['rowid']],
      ]),
      headers: new Map(),
      body: '',
    });
    return jsonOf(answer).rows.map(({ rowid }) => rowid);
  };
  return { lake, rowIds };
}

const rows = ['a', 'b', 'c'].map((id) => policyRow('C-1', id));

it('finds rows whose raw file was absorbed and swept between the listing and the reading', async () => {
  let swept = false;
  const { lake, rowIds } = setUp(async (operation, key) => {
    if (swept || operation !== 'get' || !key.includes('/raw/')) return;
    swept = true;
    await lake.addCompacted(today, rows, { sealed: false, absorbed: [token] });
    await lake.store.delete([key]);
  });
  const token = await lake.addRaw(today, rows);
  expect(await rowIds()).toEqual(['a', 'b', 'c']);
  expect(swept).toBe(true);
});

it('finds rows whose compacted file was replaced and swept, also from a remembered manifest', async () => {
  const { lake, rowIds } = setUp(() => Promise.resolve());
  const first = await lake.addCompacted(today, rows);
  expect(await rowIds()).toEqual(['a', 'b', 'c']);
  await lake.addCompacted(today, [...rows, policyRow('C-1', 'd')]);
  await lake.commit(today, { remove: [first.key] });
  await lake.store.delete([first.key]);
  expect(await rowIds()).toEqual(['a', 'b', 'c', 'd']);
});

it('gives up with the error where a file that the manifest names stays away', async () => {
  const { lake, rowIds } = setUp(() => Promise.resolve());
  const { key } = await lake.addCompacted(today, rows);
  await lake.store.delete([key]);
  await expect(rowIds()).rejects.toThrow(`there is no object ${key}`);
});

it('sees each row once at every moment of an absorption', async () => {
  for (let interruptAt = 1; interruptAt <= 8; interruptAt++) {
    let calls = 0;
    const { lake, rowIds } = setUp(async () => {
      if (++calls !== interruptAt) return;
      await lake.addCompacted(today, rows, { sealed: false, absorbed: [token] });
    });
    const token = await lake.addRaw(today, rows);
    expect(await rowIds()).toEqual(['a', 'b', 'c']);
  }
});
