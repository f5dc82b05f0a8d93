import fc from 'fast-check';
import {
  MemoryObjectStore,
  PreconditionFailedError,
  referenceKey,
  referencePrefix,
  referenceVersionKey,
  referenceVersionsPrefix,
  type ObjectStore,
} from '@sluice/lake-layout';
import { keptVersions, storeReference } from './store-reference';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const keysOf = async (store: ObjectStore, prefix: string): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
};

const textAt = async (store: ObjectStore, key: string): Promise<string> =>
  Buffer.from((await store.get(key)).bytes).toString();

const tableOf = (store: ObjectStore): Promise<string> => textAt(store, referenceKey('players'));

/** Returns the contents of the versions, the newest last. */
const versionsOf = async (store: ObjectStore): Promise<readonly string[]> =>
  Promise.all(
    (await keysOf(store, referenceVersionsPrefix('players'))).map((key) => textAt(store, key)),
  );

const place = (store: ObjectStore, text: string, nowMs = () => 1_800_000_000_000) =>
  storeReference({ store, name: 'players', bytes: bytesOf(text), nowMs });

const withPut = (store: ObjectStore, put: ObjectStore['put']): ObjectStore => ({
  list: store.list.bind(store),
  get: store.get.bind(store),
  delete: store.delete.bind(store),
  put,
});

describe('placing a reference table', () => {
  test('keeps the table and its last ten versions, and nothing else in its folder', async () => {
    const store = new MemoryObjectStore();
    for (let put = 1; put <= 13; put++) await place(store, `rows ${put}`);
    expect(await tableOf(store)).toBe('rows 13');
    expect(await keysOf(store, referencePrefix('players'))).toEqual([referenceKey('players')]);
    expect(await versionsOf(store)).toEqual(
      Array.from({ length: keptVersions }, (_, index) => `rows ${index + 4}`),
    );
  });

  test('names versions by time and content, newer ones later though the clock goes back', async () => {
    const store = new MemoryObjectStore();
    const first = await place(store, 'a', () => Date.UTC(2026, 0, 31, 12, 0, 0, 7));
    expect(first.version).toMatch(/^20260131T120000007Z-[0-9a-f]{16}$/);
    const second = await place(store, 'b', () => Date.UTC(2025, 0, 1));
    expect(second.version).toMatch(/^20260131T120000008Z-/);
  });

  test('writes nothing where the table holds the same already', async () => {
    const store = new MemoryObjectStore();
    const first = await place(store, 'a');
    const { length } = store.calls;
    expect(await place(store, 'a')).toEqual({ isNew: false, version: first.version, dropped: [] });
    expect(store.calls.slice(length).map(({ operation }) => operation)).toEqual([
      'list',
      'list',
      'get',
    ]);
    await place(store, 'b');
    expect((await place(store, 'a')).isNew).toBe(true);
    expect(await versionsOf(store)).toEqual(['a', 'b', 'a']);
  });

  test('writes the table again where somebody took it away', async () => {
    const store = new MemoryObjectStore();
    await place(store, 'a');
    await store.delete([referenceKey('players')]);
    expect((await place(store, 'a')).isNew).toBe(true);
    expect(await tableOf(store)).toBe('a');
  });

  test('is refused where the folder holds other files, and where a put only begins like it, it is not', async () => {
    const store = new MemoryObjectStore();
    await store.put('reference/players_old/x.csv', bytesOf('x'));
    await place(store, 'a');
    await store.put('reference/players/x"\n.csv', bytesOf('x'));
    await expect(place(store, 'b')).rejects.toThrow(
      'reference/players/ holds 1 other objects, the first "reference/players/x\\"\\n.csv"; move them away',
    );
    expect(await tableOf(store)).toBe('a');
  });

  test('of many at once leaves one whole, and its version as the newest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (scheduler, puts) => {
        const store = new MemoryObjectStore();
        const slow: ObjectStore = {
          list: async function* (prefix) {
            await scheduler.schedule(Promise.resolve());
            yield* store.list(prefix);
          },
          get: scheduler.scheduleFunction((key: string) => store.get(key)),
          put: scheduler.scheduleFunction(store.put.bind(store)),
          delete: scheduler.scheduleFunction((keys: readonly string[]) => store.delete(keys)),
        };
        const texts = Array.from({ length: puts }, (_, index) => `rows ${index}`);
        const placed = Promise.all(texts.map((text) => place(slow, text)));
        await scheduler.waitFor(placed);
        const versions = await versionsOf(store);
        expect([...versions].sort()).toEqual(texts);
        expect(await tableOf(store)).toBe(versions.at(-1));
      }),
      { numRuns: 50 },
    );
  });

  test('that dies between its two writes leaves the old table, and the next put goes on', async () => {
    const store = new MemoryObjectStore();
    await place(store, 'old');
    const dying = withPut(store, (key, bytes) =>
      key === referenceKey('players') ? Promise.reject(new Error('gone')) : store.put(key, bytes),
    );
    await expect(place(dying, 'new')).rejects.toThrow('gone');
    expect(await tableOf(store)).toBe('old');
    await place(store, 'new');
    expect(await tableOf(store)).toBe('new');
    expect(await versionsOf(store)).toEqual(['old', 'new', 'new']);
  });

  test('knows its own write again when the answer to it was lost', async () => {
    const store = new MemoryObjectStore();
    await place(store, 'old');
    const lossy = withPut(store, async (key, bytes, options) => {
      const written = await store.put(key, bytes, options);
      if (key === referenceKey('players')) throw new PreconditionFailedError(key);
      return written;
    });
    const { version } = await place(lossy, 'new');
    expect(await textAt(store, referenceVersionKey('players', version))).toBe('new');
    expect(await versionsOf(store)).toEqual(['old', 'new']);
  });
});
