// A separate entry point (@sluice/lake-layout/testing), for tests only, because it needs jest's globals.
import fc from 'fast-check';
import {
  ObjectNotFoundError,
  PreconditionFailedError,
  RangeNotSatisfiableError,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
} from './object-store';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/**
 * Declares the tests that every {@link ObjectStore} has to pass.
 *
 * @param makeStore returns an empty store for each test
 * @param putMany puts objects into that store, perhaps faster than by its own `put`
 */
export function testObjectStore(
  name: string,
  makeStore: () => Promise<ObjectStore>,
  putMany: (store: ObjectStore, keys: readonly string[]) => Promise<void> = putOneByOne,
): void {
  describe(`the contract of an object store, kept by ${name}`, () => {
    let store: ObjectStore;

    beforeEach(async () => {
      store = await makeStore();
    });

    const list = async (prefix: string, options?: ListOptions): Promise<readonly ObjectInfo[]> => {
      const found: ObjectInfo[] = [];
      for await (const info of store.list(prefix, options)) found.push(info);
      return found;
    };

    const keys = async (prefix: string, options?: ListOptions): Promise<readonly string[]> =>
      (await list(prefix, options)).map(({ key }) => key);

    test('gives back what was put, with the etag of the put', async () => {
      const { etag } = await store.put('a/b.bin', bytesOf('hello'), { contentType: 'text/plain' });
      expect(etag).toMatch(/^".+"$/);
      const got = await store.get('a/b.bin');
      expect(textOf(got.bytes)).toBe('hello');
      expect(got).toMatchObject({ etag, totalBytes: 5 });
      const found = await list('a/');
      expect(found).toEqual([
        { key: 'a/b.bin', bytes: 5, etag, modifiedMs: expect.any(Number) as number },
      ]);
    });

    test('keeps an empty object', async () => {
      await store.put('empty', new Uint8Array());
      expect(await store.get('empty')).toMatchObject({ totalBytes: 0 });
      expect(await list('')).toMatchObject([{ key: 'empty', bytes: 0 }]);
    });

    test('keeps its own copy of the bytes', async () => {
      const bytes = bytesOf('before');
      await store.put('k', bytes);
      bytes.fill(0);
      const got = await store.get('k');
      expect(textOf(got.bytes)).toBe('before');
      got.bytes.fill(0);
      expect(textOf((await store.get('k')).bytes)).toBe('before');
    });

    test.each([
      ['from a place to another', { start: 2, end: 5 }, '234'],
      ['one byte', { start: 0, end: 1 }, '0'],
      ['beyond the end', { start: 8, end: 1000 }, '89'],
      ['the last bytes', { last: 3 }, '789'],
      ['the last bytes of fewer', { last: 1000 }, '0123456789'],
    ])('reads a range: %s', async (_, range, text) => {
      await store.put('digits', bytesOf('0123456789'));
      const got = await store.get('digits', { range });
      expect(textOf(got.bytes)).toBe(text);
      expect(got.totalBytes).toBe(10);
    });

    test('refuses a range that has no byte of the object', async () => {
      await store.put('digits', bytesOf('0123456789'));
      await store.put('empty', new Uint8Array());
      for (const [key, range] of [
        ['digits', { start: 10, end: 20 }],
        ['empty', { last: 8 }],
      ] as const)
        await expect(store.get(key, { range })).rejects.toBeInstanceOf(RangeNotSatisfiableError);
    });

    test('names a key that is not there', async () => {
      await store.put('a/b', bytesOf('x'));
      for (const key of ['a', 'a/c', 'a/b/c'])
        await expect(store.get(key)).rejects.toMatchObject({ name: ObjectNotFoundError.name, key });
    });

    test('reads an object only in the version asked for', async () => {
      const first = await store.put('k', bytesOf('one'));
      expect(textOf((await store.get('k', { ifMatch: first.etag })).bytes)).toBe('one');
      const second = await store.put('k', bytesOf('two'));
      expect(second.etag).not.toBe(first.etag);
      await expect(store.get('k', { ifMatch: first.etag })).rejects.toBeInstanceOf(
        PreconditionFailedError,
      );
    });

    test('writes only where a condition holds', async () => {
      const created = await store.put('k', bytesOf('one'), { ifNoneMatch: '*' });
      const refused = [
        store.put('k', bytesOf('x'), { ifNoneMatch: '*' }),
        store.put('k', bytesOf('x'), { ifMatch: '"0123456789abcdef0123456789abcdef"' }),
        store.put('absent', bytesOf('x'), { ifMatch: created.etag }),
      ];
      for (const put of refused) await expect(put).rejects.toBeInstanceOf(PreconditionFailedError);
      expect(textOf((await store.get('k')).bytes)).toBe('one');
      expect(await keys('')).toEqual(['k']);
      const changed = await store.put('k', bytesOf('two'), { ifMatch: created.etag });
      expect(await store.get('k')).toMatchObject({ etag: changed.etag });
    });

    test('lets one of many writers at once win', async () => {
      const attempt = async (writer: number): Promise<number> => {
        await store.put('new', bytesOf(`writer ${writer}`), { ifNoneMatch: '*' });
        return writer;
      };
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => attempt(i)));
      const winners = outcomes.flatMap((o) => (o.status === 'fulfilled' ? [o.value] : []));
      expect(winners).toHaveLength(1);
      expect(textOf((await store.get('new')).bytes)).toBe(`writer ${winners[0] ?? ''}`);
    });

    test('loses no update of writers that read, change and write on condition', async () => {
      await store.put('counter', bytesOf('0'));
      const increment = async (): Promise<void> => {
        for (;;) {
          const { bytes, etag } = await store.get('counter');
          try {
            await store.put('counter', bytesOf(String(Number(textOf(bytes)) + 1)), {
              ifMatch: etag,
            });
            return;
          } catch (error) {
            if (!(error instanceof PreconditionFailedError)) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 8 }, increment));
      expect(textOf((await store.get('counter')).bytes)).toBe('8');
    });

    test('deletes, and minds no key that is not there', async () => {
      await Promise.all(['a/1', 'a/2', 'b'].map((key) => store.put(key, bytesOf(key))));
      await store.delete(['a/1', 'a/2', 'never']);
      await store.delete([]);
      expect(await keys('')).toEqual(['b']);
    });

    test('lists in the order of UTF-8 bytes, which is not that of folders', async () => {
      const ordered = ['a-b', 'a.c', 'a/x', 'a/y/z', 'a0', 'b', 'é', '\uffee', '\u{1f600}'];
      for (const key of [...ordered].reverse()) await store.put(key, bytesOf(key));
      expect(await keys('')).toEqual(ordered);
      expect(await keys('a')).toEqual(['a-b', 'a.c', 'a/x', 'a/y/z', 'a0']);
      expect(await keys('a/')).toEqual(['a/x', 'a/y/z']);
      expect(await keys('', { startAfter: 'a/x' })).toEqual(ordered.slice(3));
      expect(await keys('a/', { startAfter: 'a/w' })).toEqual(['a/x', 'a/y/z']);
      expect(await keys('nothing')).toEqual([]);
    });

    test('takes keys of every kind of character', async () => {
      const ordered = [' leading', '%2F', '+plus', '=x&y<z>"\'', 'dt=2026-01-01/h', 'naïve/ключ'];
      for (const key of ordered) await store.put(key, bytesOf(key));
      expect(await keys('')).toEqual(ordered);
      for (const key of ordered) expect(textOf((await store.get(key)).bytes)).toBe(key);
      await store.delete(ordered);
      expect(await keys('')).toEqual([]);
    });

    test('lists and deletes more than one page', async () => {
      const all = Array.from({ length: 1001 }, (_, i) => `p/${String(i).padStart(5, '0')}`);
      await putMany(store, all);
      expect(await keys('p/')).toEqual(all);
      await store.delete(all);
      expect(await keys('')).toEqual([]);
    });

    test('finds any key by any of its prefixes', async () => {
      const segment = fc.stringMatching(/^[a-c.\-0]{1,3}$/).filter((s) => s !== '.' && s !== '..');
      const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(key, { minLength: 1, maxLength: 12 }).map(withoutFolderConflicts),
          fc.nat(6),
          key,
          async (some, length, startAfter) => {
            await store.delete(await keys(''));
            await putMany(store, some);
            const prefix = (some[0] ?? '').slice(0, length);
            expect(await keys(prefix, { startAfter })).toEqual(
              some.filter((each) => each.startsWith(prefix) && each > startAfter).sort(),
            );
          },
        ),
        { numRuns: 15 },
      );
    });
  });
}

async function putOneByOne(store: ObjectStore, keys: readonly string[]): Promise<void> {
  for (const key of keys) await store.put(key, bytesOf(key));
}

/** Removes keys that a file system can't hold together, such as "a" and "a/b"; S3 can. */
const withoutFolderConflicts = (keys: readonly string[]): readonly string[] =>
  keys.filter((key) => !keys.some((other) => other.startsWith(`${key}/`)));
