import { gzipSync } from 'node:zlib';
import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore, type ObjectStore } from '@sluice/lake-layout';
import { FaultyStore } from '@sluice/lake-layout/testing/faulty-store';
import { listAll } from '../compaction/testing';
import { takeIncoming } from './take-incoming';

const nowMs = Date.parse('2026-11-20T12:00:00Z');
const now = () => nowMs;
const visit = defineEvent({
  name: 'visit',
  version: '2.0.0',
  key: 'page',
  identity: 'id',
  time: 'at',
  schema: {
    type: 'object',
    required: ['page', 'id', 'at'],
    properties: {
      page: { type: 'string' },
      id: { type: 'string' },
      at: { type: 'string', format: 'date-time' },
    },
  },
});
const timeless = defineEvent({
  name: 'note',
  version: '1.0.0',
  key: 'id',
  identity: 'id',
  schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
});
const secret = defineEvent({ ...timeless, name: 'secret', privacy: { id: 'hash' } });
const eventTypes = [visit, timeless, secret];

const lines = (...ids: readonly number[]): Buffer =>
  Buffer.from(
    ids
      .map((id) => JSON.stringify({ page: `p${id}`, id: `v${id}`, at: `2026-03-0${id}T10:00:00Z` }))
      .join('\n'),
  );
const newStore = () => new MemoryObjectStore({ now });
const take = (store: ObjectStore, options: { key?: string; maxBytes?: number } = {}) =>
  takeIncoming({ store, eventTypes, deadlineMs: Infinity, now, ...options });
const keysOf = async (store: ObjectStore, prefix: string) =>
  (await listAll(store, prefix)).map(({ key }) => key);

test('each event becomes a row of the day of its own time, and the file is moved away', async () => {
  const store = newStore();
  await store.put('incoming/visit/export/a.ndjson.gz', gzipSync(lines(1, 2, 2)));
  expect(await take(store)).toEqual({
    complete: true,
    unknown: [],
    files: [
      {
        ...{ key: 'incoming/visit/export/a.ndjson.gz', table: 'visit_v2' },
        ...{ status: 'taken', rows: 3, failed: 0 },
      },
    ],
  });
  expect(await keysOf(store, 'incoming')).toEqual([
    'incoming-done/visit_v2/dt=2026-11-20/export/a.ndjson.gz',
  ]);
  expect((await keysOf(store, 'visit_v2/raw/')).map((key) => key.split('/')[2])).toEqual([
    'dt=2026-03-01',
    'dt=2026-03-02',
  ]);
});

test('the same bytes are never taken twice, whatever their name', async () => {
  const store = newStore();
  for (const name of ['a', 'b']) {
    await store.put(`incoming/visit/${name}.ndjson`, lines(1));
    const { files } = await take(store);
    expect(files[0]?.status).toBe(name === 'a' ? 'taken' : 'known');
  }
  expect(await keysOf(store, 'visit_v2/raw/')).toHaveLength(1);
  expect(await keysOf(store, 'incoming/')).toEqual([]);
});

test('an event of one file takes that file alone, and an event that comes twice finds nothing', async () => {
  const store = newStore();
  await store.put('incoming/visit/a.ndjson', lines(1));
  await store.put('incoming/visit/a.ndjson.bz2', lines(2));
  const key = 'incoming/visit/a.ndjson';
  expect((await take(store, { key })).files).toHaveLength(1);
  expect(await take(store, { key })).toEqual({ complete: true, files: [], unknown: [] });
  expect(await keysOf(store, 'incoming/')).toEqual(['incoming/visit/a.ndjson.bz2']);
});

test('events without a time lie under the day on which the file came', async () => {
  const store = newStore();
  await store.put('incoming/note/a.json', Buffer.from('[{"id":"1"},{"id":"2"},{"no":"id"}]'));
  expect((await take(store)).files).toMatchObject([{ status: 'taken', rows: 2, failed: 1 }]);
  const table = 'note';
  expect(await keysOf(store, `${table}/raw/dt=2026-11-20/`)).toHaveLength(1);
  expect(await keysOf(store, `${table}/errors/`)).toHaveLength(1);
});

test.each([
  ['of another kind', 'incoming/visit/a.docx', lines(1), 'does not end in .json'],
  ['that is not what its name says', 'incoming/visit/a.parquet', lines(1), 'a.parquet'],
  [
    'of a type with rules of privacy',
    'incoming/secret/a.json',
    Buffer.from('{}'),
    'rules of privacy',
  ],
])('a file %s is moved aside, with the reason beside it', async (_, key, bytes, reason) => {
  const store = newStore();
  await store.put(key, bytes);
  const { files } = await take(store);
  expect(files).toMatchObject([{ status: 'refused', reason: expect.stringContaining(reason) }]);
  const moved = await keysOf(store, 'incoming-failed/');
  expect(moved).toHaveLength(2);
  expect(new TextDecoder().decode((await store.get(moved[1]!)).bytes)).toContain(reason);
  expect(await keysOf(store, 'incoming/')).toEqual([]);
});

test('a file that is too large stays, and is told', async () => {
  const store = newStore();
  await store.put('incoming/visit/a.ndjson', lines(1, 2));
  const { files } = await take(store, { maxBytes: 10 });
  expect(files).toMatchObject([{ status: 'refused', reason: expect.stringContaining('backfill') }]);
  expect(await keysOf(store, 'incoming/')).toHaveLength(1);
  expect(store.calls.filter(({ operation }) => operation === 'get')).toEqual([]);
});

test('folders, unfinished files and names that are no event type stay where they are', async () => {
  const store = newStore();
  for (const key of ['visit/', 'visit/.a.ndjson.swp', 'visit/a.ndjson.part', 'nothing/a.ndjson'])
    await store.put(`incoming/${key}`, lines(1));
  expect(await take(store)).toEqual({
    complete: true,
    files: [],
    unknown: ['incoming/nothing/a.ndjson'],
  });
  expect(await keysOf(store, 'incoming/')).toHaveLength(4);
});

test('killed at any request, before or after its effect, nothing is lost or doubled', async () => {
  const undisturbed = newStore();
  await undisturbed.put('incoming/visit/a.ndjson', lines(1, 1, 2));
  await take(undisturbed);
  const whole = await keysOf(undisturbed, 'visit_v2/raw/');
  for (let call = 1; ; call++) {
    const store = newStore();
    await store.put('incoming/visit/a.ndjson', lines(1, 1, 2));
    const faulty = new FaultyStore(store, call, call % 2 === 0);
    const died = await take(faulty).then(
      () => false,
      () => true,
    );
    await take(store);
    expect(await keysOf(store, 'incoming/')).toEqual([]);
    expect(await keysOf(store, 'incoming-done/')).toHaveLength(1);
    // The keys follow from the file's bytes, so that what is written again takes the place of the first.
    expect(await keysOf(store, 'visit_v2/raw/')).toEqual(whole);
    if (!died) break;
    expect(call).toBeLessThan(30);
  }
});
