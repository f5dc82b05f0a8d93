import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEventType } from '@sluice/event-schema/node';
import { FolderObjectStore } from '@sluice/lake-layout/folder';
import { order, orderRow, putRaw } from '@sluice/lake-maintenance/testing';
import { compactAndPublish, TablePublisher } from '@sluice/lake-maintenance';
import { runExpireSnapshots } from './run-expire-snapshots';

const dataDir = mkdtempSync(join(tmpdir(), 'sluice-expire-snapshots-'));
afterAll(() => rmSync(dataDir, { recursive: true }));
const objects = join(dataDir, 's3');
const store = new FolderObjectStore(join(objects, 'bucket'), {
  incoming: join(objects, '.s3', 'incoming'),
});

async function run(...args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const code = await runExpireSnapshots({
    args: ['--data-dir', dataDir, ...args],
    env: {},
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

const files = () => readdirSync(join(objects, 'bucket'), { recursive: true }).sort();

beforeAll(async () => {
  mkdirSync(join(objects, 'bucket'), { recursive: true });
  const endpoints = { s3: 'http://127.0.0.1:9', bucket: 'bucket', region: 'us-east-1' };
  writeFileSync(join(dataDir, 'endpoints.json'), JSON.stringify(endpoints));
  writeEventType(join(dataDir, 'event-types'), order);
  const publisher = new TablePublisher({ store, bucket: 'bucket', eventType: order });
  for (const id of [1, 2, 3]) {
    await putRaw(store, `raw-${id}`, [orderRow(id)]);
    await compactAndPublish({ publisher, store });
  }
});

test('a dry run says which snapshots and data files would go, and changes nothing', async () => {
  const before = files();
  const { code, stderr, stdout } = await run(
    '--event',
    'order',
    '--days',
    '0',
    '--dry-run',
    '--json',
  );
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /^order: 2 snapshots from \d{4}-[^]* would go; [12] data\s+files\s+that[^]*would go with[^]*1\s+snapshot\s+is\s+kept\n$/,
    ),
  });
  expect(JSON.parse(stdout)).toMatchObject({ dryRun: true, tables: [{ table: 'order', kept: 1 }] });
  expect(files()).toEqual(before);
});

test('what the options keep stays, and the rest goes', async () => {
  expect((await run('--event', 'order')).stderr).toMatch(
    /^order: nothing to expire, 3 snapshots are kept/,
  );
  expect((await run('--event', 'order', '--days', '0', '--keep', '2')).stderr).toMatch(
    /^order: 1 snapshot [^]* gone[^]*2\s+snapshots\s+are\s+kept/,
  );
  expect((await run('--event', 'order', '--days', '0')).stderr).toMatch(/1\s+snapshot\s+is\s+kept/);
});

test.each([
  ['an unknown event type', ['--event', 'nothing'], /^error: there is no event type nothing/],
  ['a number that is none', ['--keep', '0'], /whole number of at least 1/],
  ['a negative age', ['--days', '-1'], /a number of at least 0/],
])('%s is a sentence', async (_, args, sentence) => {
  const { code, stderr } = await run(...args);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(sentence);
});
