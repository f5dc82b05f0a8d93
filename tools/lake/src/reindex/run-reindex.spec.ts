import { writeEventType } from '@sluice/event-schema/node';
import { readManifest } from '@sluice/lake-layout';
import { FolderObjectStore } from '@sluice/lake-layout/folder';
import { date, order, orderRow, putRaw } from '@sluice/lake-maintenance/testing';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCompact } from '../compact/run-compact';
import { runReindex } from './run-reindex';

const dataDir = mkdtempSync(join(tmpdir(), 'sluice-reindex-'));
afterAll(() => rmSync(dataDir, { recursive: true }));
const objects = join(dataDir, 's3');
const store = new FolderObjectStore(join(objects, 'bucket'), {
  incoming: join(objects, '.s3', 'incoming'),
});

async function run(...args: readonly string[]) {
  return runCommandOf(runReindex, args);
}

async function runCommandOf(command: typeof runReindex, args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const code = await command({
    args: ['--data-dir', dataDir, '--json', ...args],
    env: {},
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

beforeAll(async () => {
  mkdirSync(join(objects, 'bucket'), { recursive: true });
  const endpoints = { s3: 'http://127.0.0.1:9', bucket: 'bucket', region: 'us-east-1' };
  writeFileSync(join(dataDir, 'endpoints.json'), JSON.stringify(endpoints));
  writeEventType(join(dataDir, 'event-types'), order);
  await putRaw(store, 'a', [orderRow(2), orderRow(1)]);
  await runCommandOf(runCompact, ['--event', 'order']);
  writeEventType(join(dataDir, 'event-types'), { ...order, indexes: ['amount'] });
});

const indexes = async () => (await readManifest(store, 'order', date))?.manifest.indexes;

test('makes the indexes that a history lacks, once, and says first which', async () => {
  const tried = await run('--dry-run', '--event', 'order');
  expect(tried).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(
      /^order, 2026-11-20: 2 rows lack entries \(day 1 of 1, 100 %\)\n2 rows of 1 day would be indexed\n$/,
    ),
  });
  expect(await indexes()).toBeUndefined();
  const done = await run('--event', 'order');
  expect(done.code).toBe(0);
  expect(done.stderr).toContain('2 rows of 1 day indexed');
  expect(JSON.parse(done.stdout)).toMatchObject({
    dryRun: false,
    tables: [{ table: 'order', complete: true, indexes: ['amount'], days: [{ date, rows: 2 }] }],
  });
  expect(await indexes()).toMatchObject([{ path: 'amount', files: [{ rows: 2 }] }]);
  expect((await run()).stderr).toBe('Every day has its indexes.\n');
});

test('says what it can not do', async () => {
  expect(await run('--event', 'match_event')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no event type match_event with "indexes"'),
  });
  expect((await run('--help')).stdout).toContain('reindex --dry-run');
});
