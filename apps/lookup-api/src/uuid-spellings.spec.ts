import { defineEvent } from '@sluice/event-schema';
import { readManifest } from '@sluice/lake-layout';
import { createTestApi, today } from './testing/test-api';

const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'k',
  schema: {
    type: 'object',
    required: ['k'],
    properties: { k: { type: 'string', format: 'uuid' }, n: { type: 'integer' } },
  },
});

const id = 'abcdef12-3456-4789-abcd-ef0123456789';
const spellings = [id, id.toUpperCase(), 'AbCdEf12-3456-4789-aBcD-eF0123456789'];

describe.each(['raw', 'compacted'])('rows of earlier releases in a %s file', (kind) => {
  it.each(spellings)('stored as %s are found in every spelling', async (stored) => {
    const { lake, get } = createTestApi(visit);
    const others = Array.from({ length: 400 }, (_, n) => ({
      k: `${n.toString(16).padStart(8, '0')}-3456-4789-${n % 2 ? 'ABCD' : 'abcd'}-ef0123456789`,
      event_id: `other${n}`,
    }));
    const rows = [{ k: stored, n: 7, event_id: 'e' }, ...others];
    if (kind === 'raw') await lake.addRaw(today, rows);
    else await lake.addCompacted(today, rows, { sealed: false });
    for (const asked of [...spellings, 'ABCDEF12-3456-4789-abcd-ef0123456789'])
      expect((await get({ id: asked, date: today, columns: 'n' })).rows).toEqual([{ n: 7 }]);
  });
});

it('a file that says its keys are in lower case is pruned by the one spelling that it can have', async () => {
  const { lake, store, get } = createTestApi(visit);
  const rows = Array.from({ length: 4_000 }, (_, n) => ({
    k: `${(n * 1_048_576 + 15).toString(16).padStart(8, '0')}-3456-4789-abcd-ef0123456789`,
    n,
    event_id: `e${n}`,
  }));
  const file = await lake.addCompacted(today, rows);
  await lake.commit(today, { remove: [file.key], add: [] });
  await lake.commit(today, { add: [{ ...file, lowerCaseKeys: true }] });
  expect((await readManifest(lake.store, lake.table, today))?.manifest.files).toHaveLength(1);
  const find = async (n: number): Promise<void> => {
    const asked = rows[n]!.k.toUpperCase();
    expect((await get({ id: asked, date: today, columns: 'n' })).rows).toEqual([{ n }]);
  };
  await find(1);
  store.reset();
  await find(3_999);
  expect(store.requests).toBe(1);
  expect(store.bytes).toBeLessThan(64 << 10);
});
