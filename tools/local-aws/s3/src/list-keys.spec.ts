import { codePoint } from '@sluice/event-schema/testing/code-point';
import fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compareKeys, listKeys, type ListEntry, type ListRequest } from './list-keys';

const withFolder = async (
  keys: readonly string[],
  use: (folder: string) => Promise<void>,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-list-'));
  try {
    for (const key of keys) {
      mkdirSync(dirname(join(folder, key)), { recursive: true });
      writeFileSync(join(folder, key), '');
    }
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Lists keys in memory as the S3 API describes it. */
function expected(
  keys: readonly string[],
  { prefix, delimiter, startAfter }: Omit<ListRequest, 'folder' | 'maxKeys'>,
): readonly ListEntry[] {
  const entries = new Map<string, ListEntry>();
  for (const key of [...keys].sort(compareKeys)) {
    if (!key.startsWith(prefix)) continue;
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const name = at < 0 ? key : key.slice(0, at + delimiter.length);
    const isReported = compareKeys(name, startAfter) <= 0 && (at < 0 || name === startAfter);
    if (isReported || compareKeys(key, startAfter) <= 0) continue;
    entries.set(name, at < 0 ? { key } : { commonPrefix: name });
  }
  return [...entries.values()];
}

const everyPage = async (request: ListRequest): Promise<readonly ListEntry[]> => {
  const entries: ListEntry[] = [];
  let startAfter = request.startAfter;
  for (;;) {
    const page = await listKeys({ ...request, startAfter });
    expect(page.entries.length).toBeLessThanOrEqual(request.maxKeys);
    entries.push(...page.entries);
    if (!page.isTruncated) return entries;
    startAfter = page.last!;
  }
};

const all = { prefix: '', delimiter: '', startAfter: '', maxKeys: 1000 };

describe('listKeys', () => {
  test('orders keys as UTF-8 bytes do', () => {
    fc.assert(
      fc.property(fc.string({ unit: codePoint }), fc.string({ unit: codePoint }), (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  test('gives, page by page, what S3 gives', async () => {
    const segment = fc.stringMatching(/^[a-b.\-0]{1,2}$/).filter((s) => s !== '.' && s !== '..');
    const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 10 }),
        fc.record({
          prefix: fc.oneof(fc.constant(''), key, fc.constantFrom('a', 'a/', 'b/a')),
          delimiter: fc.constantFrom('', '/', '-', 'a/'),
          startAfter: fc.oneof(fc.constant(''), key, fc.constantFrom('a/', 'b')),
          maxKeys: fc.integer({ min: 1, max: 4 }),
        }),
        async (some, request) => {
          const keys = some.filter((k) => !some.some((other) => other.startsWith(`${k}/`)));
          await withFolder(keys, async (folder) => {
            expect(await everyPage({ folder, ...request })).toEqual(expected(keys, request));
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('tells no folder that holds no object', async () => {
    await withFolder(['a/b'], async (folder) => {
      mkdirSync(join(folder, 'empty/deep'), { recursive: true });
      const page = await listKeys({ ...all, folder, delimiter: '/' });
      expect(page.entries).toEqual([{ commonPrefix: 'a/' }]);
    });
  });

  test('follows links to files, not to folders', async () => {
    await withFolder(['a'], async (folder) => {
      symlinkSync(join(folder, 'a'), join(folder, 'file'));
      symlinkSync(folder, join(folder, 'folder'));
      symlinkSync(join(folder, 'nothing'), join(folder, 'broken'));
      const page = await listKeys({ ...all, folder });
      expect(page.entries).toEqual([{ key: 'a' }, { key: 'file' }]);
    });
  });

  test('gives no entry where none is asked for', async () => {
    await withFolder(['a'], async (folder) => {
      expect(await listKeys({ ...all, folder, maxKeys: 0 })).toEqual({
        entries: [],
        isTruncated: false,
      });
    });
  });
});
