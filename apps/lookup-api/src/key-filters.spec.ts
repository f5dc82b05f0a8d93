import { defineEvent } from '@sluice/event-schema';
import { readManifest, type LakeDate } from '@sluice/lake-layout';
import { createTestApi, policyRow, type TestApi } from './testing/test-api';
import type { TestRow } from './testing/test-lake';

const october = Array.from(
  { length: 31 },
  (_, day): LakeDate => `2026-10-${String(day + 1).padStart(2, '0')}`,
);
const [from = '', to = ''] = [october.at(0), october.at(-1)];
const month = { from, to, columns: 'rowid' };
/** More days than a look-up reads without asking for filters. */
const someDays = october.slice(0, 8);
const ofSomeDays = { ...month, to: someDays.at(-1) ?? '' };

/** Returns rows whose smallest and largest key are the same on every day, so that bounds rule nothing out. */
const rowsOf = (day: LakeDate): readonly TestRow[] => [
  policyRow('A', `${day}-first`),
  ...Array.from({ length: 20 }, (_, index) => policyRow(`K-${day}-${index}`, `${day}-${index}`)),
  policyRow('Z', `${day}-last`),
];

async function apiOf(
  days: readonly LakeDate[],
  describedDays: readonly LakeDate[] = days,
): Promise<TestApi> {
  const api = createTestApi();
  for (const day of days)
    await api.lake.addCompacted(day, rowsOf(day), { isDescribed: describedDays.includes(day) });
  return api;
}

const idsOf = ({ rows }: { readonly rows: readonly Readonly<Record<string, unknown>>[] }) =>
  rows.map(({ rowid }) => rowid);

it('31 days of a key of one day take two waits of a cold function, then at most 4 requests', async () => {
  const { store, get } = await apiOf(october);
  store.reset();
  expect(idsOf(await get({ ...month, id: 'K-2026-10-07-3' }))).toEqual(['2026-10-07-3']);
  // Manifests; then row groups and, beside them, filters.
  expect({ rounds: store.rounds, requests: store.requests }).toEqual({
    rounds: 2,
    requests: 3 * 31,
  });
  for (const day of october) {
    store.reset();
    expect(idsOf(await get({ ...month, id: `K-${day}-11` }))).toEqual([`${day}-11`]);
    expect(store.rounds).toBe(1);
    expect(store.requests).toBeLessThanOrEqual(4);
  }
  store.reset();
  expect(idsOf(await get({ ...month, id: 'nowhere' }))).toEqual([]);
  expect(store.requests).toBeLessThanOrEqual(4);
});

it('a key of every day is found on every day, and several keys each on theirs', async () => {
  const { get, send } = await apiOf(someDays);
  await get({ ...ofSomeDays, id: 'K' });
  expect((await get({ ...ofSomeDays, id: 'A' })).count).toBe(8);
  const { body } = await send({
    method: 'POST',
    path: '/v1/events/policy/lookup',
    body: JSON.stringify({
      ...ofSomeDays,
      ids: ['K-2026-10-01-0', 'K-2026-10-08-19', 'nowhere', 'Z'],
    }),
  });
  expect((JSON.parse(String(body)) as { count: number }).count).toBe(10);
});

it('days without a filter are read as before', async () => {
  const { store, get } = await apiOf(someDays, someDays.slice(0, 3));
  await get({ ...ofSomeDays, id: 'K' });
  store.reset();
  expect(idsOf(await get({ ...ofSomeDays, id: 'K-2026-10-07-3' }))).toEqual(['2026-10-07-3']);
  expect(store.requests).toBeGreaterThanOrEqual(5);
  expect(store.requests).toBeLessThanOrEqual(7);
});

it('a few days fetch no filter', async () => {
  const { store, get } = await apiOf(someDays);
  await get({ id: 'K', from, to: october[3] ?? '' });
  store.reset();
  await get({ id: 'K', from, to: october[3] ?? '' });
  expect(store.requests).toBe(4);
});

describe('a filter that says nothing of the files', () => {
  const key = 'K-2026-10-07-3';

  /** Changes the filter of a day and then looks up its key twice. */
  async function after(change: (api: TestApi, filterKey: string) => Promise<unknown>) {
    const api = await apiOf(someDays);
    const stored = await readManifest(api.lake.store, 'policy', '2026-10-07');
    await change(api, stored?.manifest.keyFilter?.key ?? '');
    await api.get({ ...ofSomeDays, id: 'K' });
    return idsOf(await api.get({ ...ofSomeDays, id: key }));
  }

  it.each<[string, (api: TestApi, filterKey: string) => Promise<unknown>]>([
    ['is gone', ({ lake }, filterKey) => lake.store.delete([filterKey])],
    [
      'is of another version',
      ({ lake }, filterKey) => lake.store.put(filterKey, new Uint8Array(9)),
    ],
    [
      'is of other files',
      ({ lake }) =>
        lake.addCompacted('2026-10-07', [policyRow(key, 'new')], { isDescribed: false }),
    ],
  ])('because it %s is passed over', async (_, change) => {
    expect(await after(change)).toContain('2026-10-07-3');
  });
});

it('rows that came to a sealed day are found, though a filter of it was known', async () => {
  const api = await apiOf(someDays);
  await api.get({ ...ofSomeDays, id: 'K' });
  await api.lake.addCompacted('2026-10-07', [policyRow('late', 'late')]);
  api.restart();
  await api.get({ ...ofSomeDays, id: 'K' });
  expect(idsOf(await api.get({ ...ofSomeDays, id: 'late' }))).toEqual(['late']);
});

it('a UUID that an earlier release stored in upper case is found through a filter', async () => {
  const device = defineEvent({
    name: 'device',
    version: '1.0.0',
    key: 'id',
    identity: 'rowId',
    schema: {
      type: 'object',
      required: ['id', 'rowId'],
      properties: { id: { type: 'string', format: 'uuid' }, rowId: { type: 'string' } },
    },
  });
  const api = createTestApi(device);
  const uuid = (day: LakeDate): string => `6ba7b810-9dad-11d1-80b4-0000${day.replaceAll('-', '')}`;
  const row = (id: string, rowid: string): TestRow => ({ id, rowid, event_id: rowid });
  for (const day of someDays)
    await api.lake.addCompacted(day, [
      row('00000000-0000-0000-0000-000000000000', `${day}-a`),
      row(uuid(day).toUpperCase(), day),
      row('ffffffff-ffff-ffff-ffff-ffffffffffff', `${day}-z`),
    ]);
  await api.get({ ...ofSomeDays, id: uuid(from) });
  for (const day of someDays)
    expect(idsOf(await api.get({ ...ofSomeDays, id: uuid(day) }))).toEqual([day]);
});
