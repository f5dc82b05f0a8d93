import { matchEvent } from '@sluice/event-types';
import { writeEventType } from '@sluice/event-schema/node';
import { readManifest } from '@sluice/lake-layout';
import { FolderObjectStore } from '@sluice/lake-layout/folder';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { date, order, orderRow, putRaw } from '@sluice/lake-maintenance/testing';
import { runCompact } from './run-compact';

const dataDir = mkdtempSync(join(tmpdir(), 'sluice-compact-'));
afterAll(() => rmSync(dataDir, { recursive: true }));
const objects = join(dataDir, 's3');
const store = new FolderObjectStore(join(objects, 'bucket'), {
  incoming: join(objects, '.s3', 'incoming'),
});

async function run(...args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const code = await runCompact({
    args,
    env: {},
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

beforeAll(() => {
  mkdirSync(join(objects, 'bucket'), { recursive: true });
  const endpoints = { s3: 'http://127.0.0.1:9', bucket: 'bucket', region: 'us-east-1' };
  writeFileSync(join(dataDir, 'endpoints.json'), JSON.stringify(endpoints));
  writeEventType(join(dataDir, 'event-types'), order);
});

test('compacts every table of a data directory that no stack runs on, and lets go of it', async () => {
  await putRaw(store, 'a', [orderRow(2), orderRow(1)]);
  const done = await run('--data-dir', dataDir, '--json');
  expect(done).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^order, 2026-11-20: 2 rows in 1 file, 1 raw file absorbed in /),
  });
  expect(JSON.parse(done.stdout)).toMatchObject({
    days: [{ table: 'order', date, rows: 2, rawFilesAbsorbed: 1, compactedFiles: 1, refused: 0 }],
  });
  expect((await readManifest(store, 'order', date))?.manifest.files).toHaveLength(1);
  const snapshots = join(objects, 'bucket', 'order', 'iceberg', 'metadata');
  expect(readFileSync(join(snapshots, 'version-hint.text'), 'utf8')).toBe('2');
  expect(existsSync(join(dataDir, 'lock'))).toBe(false);
});

test('one table alone, and a day that is sealed', async () => {
  await putRaw(store, 'b', [orderRow(3)]);
  const other = await run('--data-dir', dataDir, '--event', matchEvent.name);
  expect(other).toMatchObject({ code: 0, stderr: 'There was nothing to compact.\n' });
  const done = await run('--data-dir', dataDir, '--event', 'order', '--date', date, '--seal');
  expect(done.stderr).toMatch(/3 rows in 1 file[^]*sealed\n$/);
});

test('a raw file that can not be read is named, and fails the command', async () => {
  await store.put(`order/raw/dt=2026-11-21/hour=00/broken.parquet`, Buffer.from('no Parquet'));
  const done = await run('--data-dir', dataDir);
  expect(done).toMatchObject({ code: 1 });
  expect(done.stderr).toMatch(/can't be read: [^]*broken\.parquet/);
});

test.each<[string, readonly string[], RegExp]>([
  [
    'an unknown event type',
    ['--event', 'nothing'],
    /^error: there is no event type nothing; there is /,
  ],
  ['no lake', ['--data-dir', '/nowhere'], /^error: no local stack has used \/nowhere/],
])('%s is a sentence', async (_, args, sentence) => {
  const { code, stderr } = await run('--data-dir', dataDir, ...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(sentence);
});
