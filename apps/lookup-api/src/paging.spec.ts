import * as fc from 'fast-check';
import type { TestRow } from './testing/test-lake';
import {
  createTestApi,
  jsonOf,
  policyRow,
  today,
  yesterday,
  type TestApi,
} from './testing/test-api';

async function allPages(
  { get }: TestApi,
  query: Readonly<Record<string, string>>,
  betweenPages: () => Promise<void> = () => Promise.resolve(),
): Promise<readonly unknown[][]> {
  const pages: unknown[][] = [];
  let cursor: string | null = '';
  while (cursor !== null && pages.length < 50) {
    const page = await get({ ...query, columns: 'rowid', ...(cursor && { cursor }) });
    pages.push(page.rows.map(({ rowid }) => rowid));
    cursor = page.cursor;
    await betweenPages();
  }
  return pages;
}

const ids = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `e${String(index).padStart(3, '0')}`);

it('gives every row once over the pages, in order', async () => {
  const api = createTestApi();
  const events = ids(10);
  await api.lake.addRaw(
    today,
    events.slice(0, 4).map((id) => policyRow('C-1', id)),
  );
  await api.lake.addCompacted(
    yesterday,
    events.slice(4).map((id) => policyRow('C-1', id)),
  );
  expect(await allPages(api, { id: 'C-1', limit: '4' })).toEqual([
    events.slice(0, 4),
    events.slice(4, 8),
    events.slice(8),
  ]);
  expect(await allPages(api, { id: 'C-1', limit: '10' })).toEqual([events]);
});

it('goes on where it was while compaction moves the rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom('C-1', 'C-2')), {
        minLength: 1,
        maxLength: 40,
      }),
      fc.integer({ min: 1, max: 7 }),
      async (events, limit) => {
        const api = createTestApi();
        const files: TestRow[][] = [[], [], []];
        const names = ids(31);
        events.forEach(([event, key], index) =>
          files[index % 3]?.push(policyRow(key, `${key}-${names[event] ?? ''}`)),
        );
        const tokens: string[] = [];
        for (const rows of files) tokens.push(await api.lake.addRaw(today, rows));
        let compacted = 0;
        const compactOneMore = async (): Promise<void> => {
          const rows = files[compacted];
          const token = tokens[compacted++];
          if (rows?.length && token)
            await api.lake.addCompacted(today, rows, { sealed: false, absorbed: [token] });
        };
        const found = (
          await allPages(api, { id: 'C-1', limit: String(limit) }, compactOneMore)
        ).flat();
        const expected = new Set(
          events.filter(([, key]) => key === 'C-1').map(([event]) => `C-1-${names[event] ?? ''}`),
        );
        expect(found).toEqual([...expected].toSorted());
      },
    ),
    { numRuns: 15 },
  );
});

it('keeps the days of the first page', async () => {
  const api = createTestApi();
  await api.lake.addRaw(
    today,
    ids(4).map((id) => policyRow('C-1', id)),
  );
  const first = await api.get({ id: 'C-1', limit: '2', explain: 'true' });
  const second = await api.get({
    id: 'C-1',
    limit: '2',
    explain: 'true',
    cursor: first.cursor ?? '',
  });
  expect(second.explain).toMatchObject({
    from: first.explain?.['from'],
    to: first.explain?.['to'],
  });
});

it('refuses a cursor of another query', async () => {
  const api = createTestApi();
  await api.lake.addRaw(
    today,
    ids(4).map((id) => policyRow('C-1', id)),
  );
  const { cursor } = await api.get({ id: 'C-1', limit: '2' });
  const answer = await api.send({ query: { id: 'C-2', limit: '2', cursor: cursor ?? '' } });
  expect(answer.status).toBe(400);
  expect(jsonOf(answer).message).toContain('belongs to another query');
});

it('pages rows without an event id, none lost and none twice', async () => {
  const api = createTestApi();
  const rows = ids(9).map((id, index) => ({
    ...policyRow('C-1', id, { amount: index % 3 }),
    event_id: null,
  }));
  await api.lake.addRaw(today, rows);
  const found = (await allPages(api, { id: 'C-1', limit: '2' })).flat();
  expect(found.toSorted()).toEqual(ids(9));
});
