import { MemoryObjectStore } from '@sluice/lake-layout';
import { sweepResults } from './sweep-results';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-11-20T12:00:00Z');
const folder = 'results/orders_of_players';

/** A store whose objects are as old as they are said to be. */
async function results(
  objects: readonly { readonly key: string; readonly ageDays: number; readonly text?: string }[],
): Promise<MemoryObjectStore> {
  let writtenMs = 0;
  const store = new MemoryObjectStore({ now: () => writtenMs });
  for (const { key, ageDays, text = 'x' } of objects) {
    writtenMs = nowMs - ageDays * dayMs;
    await store.put(`${folder}/${key}`, new TextEncoder().encode(text));
  }
  return store;
}

const run = (name: string, ageDays: number, file = '0.parquet') => ({
  key: `dt=2026-11-10/run=${name}/${file}`,
  ageDays,
});

/** The list of a day: which files of which run count. */
const symlink = (names: readonly string[], ageDays: number) => ({
  key: 'symlinks/dt=2026-11-10/symlink.txt',
  ageDays,
  text: names.map((name) => `s3://lake/${folder}/dt=2026-11-10/run=${name}/0.parquet\n`).join(''),
});

const keysOf = async (store: MemoryObjectStore): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list(folder))
    if (key.includes('/run=')) keys.push(key.slice(key.indexOf('/run=') + 5));
  return keys;
};

test.each([
  [
    'nothing of the run that counts, however old',
    [run('a', 90), symlink(['a'], 90)],
    ['a/0.parquet'],
  ],
  [
    'a run that another took the place of',
    [run('a', 9), run('b', 5), symlink(['b'], 5)],
    ['b/0.parquet'],
  ],
  ['all files of a run', [run('a', 9), run('a', 9, '1.parquet'), symlink([], 5)], []],
  [
    'nothing for a day after the list changed',
    [run('a', 9), run('b', 0.5), symlink(['b'], 0.5)],
    ['a/0.parquet', 'b/0.parquet'],
  ],
  [
    'no run that may still be under way',
    [run('b', 0.5), symlink(['a'], 9), run('a', 9)],
    ['a/0.parquet', 'b/0.parquet'],
  ],
  [
    'no run whose last file is new',
    [run('a', 9), run('a', 0.5, '1.parquet')],
    ['a/0.parquet', 'a/1.parquet'],
  ],
  ['a run that failed before its first list', [run('a', 9)], []],
  ['runs of which the list names none', [run('a', 9), run('b', 8), symlink([], 5)], []],
])('deletes %s', async (_, objects, left) => {
  const store = await results(objects);
  const { runs, files, complete } = await sweepResults({ store, now: () => nowMs });
  expect(await keysOf(store)).toEqual(left);
  expect(complete).toBe(true);
  expect(files).toBe(
    objects.length - left.length - objects.filter(({ key }) => key.startsWith('sym')).length,
  );
  expect(runs > 0).toBe(files > 0);
});

test('leaves other prefixes, and results of other joins and days, alone', async () => {
  const store = await results([run('a', 9), symlink(['b'], 5), run('b', 5)]);
  const others = [
    `${folder}/dt=2026-11-11/run=a/0.parquet`,
    'results/other/dt=2026-11-10/run=a/0.parquet',
    'orders/raw/dt=2026-11-10/hour=01/run=a/0.parquet',
    'results/other/readme.txt',
  ];
  const fresh = new MemoryObjectStore({ now: () => nowMs });
  for (const key of others) await fresh.put(key, new Uint8Array(1));
  await sweepResults({ store: fresh, now: () => nowMs });
  expect(fresh.calls.filter(({ operation }) => operation === 'delete')).toEqual([]);
  await sweepResults({ store, now: () => nowMs });
  expect(await keysOf(store)).toEqual(['b/0.parquet']);
});

test('deletes nothing by a list that changed since it was seen', async () => {
  const store = await results([run('a', 9), run('b', 8), symlink(['b'], 5)]);
  const get = store.get.bind(store);
  store.get = async (key, options) => {
    const { text } = symlink(['a'], 0);
    await store.put(key, new TextEncoder().encode(text));
    return get(key, options);
  };
  expect(await sweepResults({ store, now: () => nowMs })).toMatchObject({ runs: 0, files: 0 });
  expect(await keysOf(store)).toEqual(['a/0.parquet', 'b/0.parquet']);
});

test('reads no list of a day that has nothing to sweep, and begins nothing after its deadline', async () => {
  const store = await results([run('a', 0.5), symlink(['a'], 0.5)]);
  await sweepResults({ store, now: () => nowMs });
  expect(store.calls.filter(({ operation }) => operation === 'get')).toEqual([]);

  const late = await results([run('a', 9)]);
  const swept = await sweepResults({ store: late, now: () => nowMs, deadlineMs: nowMs });
  expect(swept).toEqual({ runs: 0, files: 0, complete: false });
});
