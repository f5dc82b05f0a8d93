import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { contract } from '@sluice/event-types';
import { writeEventType } from '@sluice/event-schema/node';
import { commitManifest } from '@sluice/lake-layout';
import { openDataDir, type DataDir } from '../data-dir';
import { stoppedLake } from '../stored-definitions';
import { deleteEventType, listEventTypes, renameEventType } from './edit-event-types';

const folder = mkdtempSync(join(tmpdir(), 'sluice-edit-'));
afterAll(() => rmSync(folder, { recursive: true }));

let dataDir: DataDir;
let count = 0;
beforeEach(() => {
  dataDir = openDataDir(join(folder, String(++count)));
  writeEventType(dataDir.definitions, {
    name: 'foo',
    version: '1.0.0',
    key: 'id',
    schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
  });
});
afterEach(() => dataDir.release());

const compacted = 'foo/compacted/dt=2026-11-20/a.parquet';
const raw = 'foo/raw/dt=2026-11-20/hour=10/b.parquet';

/** A lake with a compacted file, one that was replaced, a raw file and an error of "foo". */
async function fillLake(): Promise<string> {
  writeFileSync(dataDir.endpointsFile, '{"bucket":"lake"}');
  const lake = stoppedLake(dataDir);
  if (!lake) throw new Error('no lake');
  for (const key of [
    compacted,
    'foo/compacted/dt=2026-11-20/replaced.parquet',
    raw,
    'foo/errors/processing-failed/dt=2026-11-20/e',
  ])
    await lake.put(key, Buffer.from(key));
  await commitManifest(
    lake,
    {
      formatVersion: 1,
      table: 'foo',
      date: '2026-11-20',
      sealed: false,
      announced: false,
      files: [
        {
          key: compacted,
          bytes: 1,
          etag: 'x',
          rows: 1,
          minKey: 'a',
          maxKey: 'a',
          footerBytes: 1,
          run: 1,
        },
      ],
      absorbed: [],
      replaced: [],
      updatedAtMs: 0,
    },
    undefined,
  );
  return join(dataDir.objects, 'lake');
}

const filesBelow = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();

test('a renamed event type has its rows as raw files of the new table, and its errors', async () => {
  const lake = await fillLake();
  mkdirSync(dataDir.assembly);
  await renameEventType(dataDir, 'foo', 'bar');
  expect(filesBelow(lake)).toEqual([
    'bar/errors/processing-failed/dt=2026-11-20/e',
    'bar/raw/dt=2026-11-20/hour=00/a.parquet',
    'bar/raw/dt=2026-11-20/hour=10/b.parquet',
  ]);
  expect(readdirSync(dataDir.definitions)).toEqual(['bar.event.json']);
  expect(existsSync(dataDir.assembly)).toBe(false);
});

test.each([
  ['players', /reference table/],
  ['match_event', /match_event/],
  ['No', /a name matches/],
])('is refused another’s name, or none: %s', async (name, message) => {
  const lake = await fillLake();
  await expect(renameEventType(dataDir, 'foo', name)).rejects.toThrow(message);
  expect(existsSync(join(lake, raw))).toBe(true);
  expect(readdirSync(dataDir.definitions)).toEqual(['foo.event.json']);
});

test('rows stay unless they are to go too', async () => {
  const lake = await fillLake();
  expect(await deleteEventType(dataDir, 'foo', { withRows: false })).toEqual([
    expect.stringMatching(/rows of foo stay in the lake/),
  ]);
  expect(existsSync(join(lake, raw))).toBe(true);
  expect(listEventTypes(dataDir).join()).not.toContain('foo');
  await expect(deleteEventType(dataDir, 'foo', { withRows: false })).rejects.toThrow(
    'no event type "foo" was inferred here; there is none',
  );
  // As the first answer said.
  expect(await deleteEventType(dataDir, 'foo', { withRows: true })).toEqual([
    expect.stringMatching(/rows of foo were deleted/),
  ]);
  expect(filesBelow(lake)).toEqual([]);
  await expect(deleteEventType(dataDir, 'foo', { withRows: true })).rejects.toThrow(
    'no event type "foo" was inferred here; there is none',
  );
});

test.each(['product_event', 'players', '..'])('the rows of %s are left', async (name) => {
  const lake = await fillLake();
  const rows = join(lake, `${name}/raw/dt=2026-11-20/a.parquet`);
  mkdirSync(dirname(rows), { recursive: true });
  writeFileSync(rows, 'x');
  await expect(deleteEventType(dataDir, name, { withRows: true })).rejects.toThrow(
    'was inferred here',
  );
  expect(existsSync(rows)).toBe(true);
});

test('rows go where that is said', async () => {
  const lake = await fillLake();
  await deleteEventType(dataDir, 'foo', { withRows: true });
  expect(filesBelow(lake)).toEqual([]);
});

test('a definition in whose place one of the code is served is deleted without its rows', async () => {
  const lake = await fillLake();
  writeEventType(dataDir.definitions, contract);
  mkdirSync(join(lake, 'contract/raw/dt=2026-11-20'), { recursive: true });
  writeFileSync(join(lake, 'contract/raw/dt=2026-11-20/a.parquet'), 'x');
  await deleteEventType(dataDir, 'contract', { withRows: true });
  expect(existsSync(join(lake, 'contract/raw/dt=2026-11-20/a.parquet'))).toBe(true);
});

test('a broken definition can be deleted', async () => {
  writeFileSync(join(dataDir.definitions, 'foo.event.json'), '{');
  expect(listEventTypes(dataDir).join()).toMatch(/left out: .*foo\.event\.json: it is not JSON/);
  await deleteEventType(dataDir, 'foo', { withRows: false });
  expect(readdirSync(dataDir.definitions)).toEqual([]);
});

test.each(['../foo', 'nope', 'match_event'])('%s is none of the data directory', async (name) => {
  await expect(deleteEventType(dataDir, name, { withRows: true })).rejects.toThrow(
    /was inferred here; there is foo/,
  );
});
