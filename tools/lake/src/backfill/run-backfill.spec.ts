import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEventType } from '@sluice/event-schema/node';
import { defineEvent } from '@sluice/event-schema';
import { readManifest } from '@sluice/lake-layout';
import { FolderObjectStore } from '@sluice/lake-layout/folder';
import type { LakeTerminal } from '../lake-terminal';
import { runBackfill } from './run-backfill';

const dataDir = mkdtempSync(join(tmpdir(), 'sluice-run-backfill-'));
afterAll(() => rmSync(dataDir, { recursive: true }));
const objects = join(dataDir, 's3');
const store = new FolderObjectStore(join(objects, 'bucket'), {
  incoming: join(objects, '.s3', 'incoming'),
});
const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'id',
  identity: 'id',
  time: 'at',
  schema: {
    type: 'object',
    required: ['id', 'at'],
    properties: { id: { type: 'string' }, at: { type: 'string', format: 'date-time', digits: 3 } },
  },
});

async function run(...args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const code = await runBackfill({
    args: [...args, '--data-dir', dataDir],
    env: {},
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  } as unknown as LakeTerminal);
  return { code, stdout, stderr };
}

const past = join(dataDir, 'past');
const visits = (...days: readonly string[]): string =>
  days.map((day) => `${JSON.stringify({ id: `v-${day}`, at: `${day}T12:00:00Z` })}\n`).join('');

beforeAll(() => {
  mkdirSync(join(objects, 'bucket'), { recursive: true });
  const endpoints = { s3: 'http://127.0.0.1:9', bucket: 'bucket', region: 'us-east-1' };
  writeFileSync(join(dataDir, 'endpoints.json'), JSON.stringify(endpoints));
  writeEventType(join(dataDir, 'event-types'), visit);
  mkdirSync(join(past, '2025'), { recursive: true });
  writeFileSync(join(past, '2025', 'a.ndjson'), visits('2025-01-01', '2025-01-02'));
  writeFileSync(join(past, 'b.csv'), 'id,at\nv-c,2025-01-02T10:00:00Z\n');
  writeFileSync(join(past, 'notes.txt'), 'not events');
  writeFileSync(join(past, '_SUCCESS.json'), '');
});

test('a dry run says what would be taken, and writes nothing', async () => {
  const done = await run(past, '--event', 'visit', '--dry-run');
  expect(done.code).toBe(0);
  expect(done.stderr).toMatch(
    /2 files of other kinds are left aside\.\nWould take: 3 rows of visit on 2 days \(2025-01-01 to 2025-01-02\)\.\n$/,
  );
  expect(await readManifest(store, 'visit', '2025-01-01')).toBeUndefined();
});

test('a folder of several formats is rows of the days, compacted and sealed; the same again is known', async () => {
  const done = await run(past, '--event', 'visit', '--json');
  expect(done.code).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({
    ...{ events: 3, rows: 3, failed: 0, days: 2, firstDay: '2025-01-01', lastDay: '2025-01-02' },
    files: { done: 2, known: 0, unreadable: 0 },
  });
  const stored = await readManifest(store, 'visit', '2025-01-02');
  expect(stored?.manifest).toMatchObject({ sealed: true, files: [{ rows: 2 }] });
  const again = await run(past, '--event', 'visit', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ rows: 3, files: { done: 0, known: 2 } });
});

test('a bucket’s prefix is taken as a folder is', async () => {
  await store.put('exports/2024/a.ndjson', Buffer.from(visits('2024-05-05')));
  const done = await run('s3://bucket/exports/', '--event', 'visit', '--json');
  expect(JSON.parse(done.stdout)).toMatchObject({ rows: 1, firstDay: '2024-05-05' });
});

test('an event that fails is told with its place, and fails the command unless that is allowed', async () => {
  const file = join(dataDir, 'failing.ndjson');
  writeFileSync(file, `{"id":1}\n${visits('2025-02-02')}`);
  const done = await run(file, '--event', 'visit');
  expect(done.code).toBe(1);
  expect(done.stderr).toMatch(/1 × type; the first: [^]*failing\.ndjson, line\s1:/);
  expect(done.stderr).toMatch(/Taken: 1 row of visit on 1 day \(.*\),\s1 failed\./);
  expect((await run(file, '--event', 'visit', '--allow-failed')).code).toBe(0);
});

test('a file that can not be read is named, and the others are taken', async () => {
  const folder = join(dataDir, 'broken');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.parquet'), 'no Parquet');
  writeFileSync(join(folder, 'b.ndjson'), visits('2025-03-03'));
  const done = await run(folder, '--event', 'visit', '--json');
  expect(done.code).toBe(1);
  expect(done.stderr).toMatch(/a\.parquet/);
  expect(JSON.parse(done.stdout)).toMatchObject({ rows: 1, files: { done: 1, unreadable: 1 } });
});

test.each<[string, readonly string[], RegExp]>([
  [
    'an unknown event type',
    ['x', '--event', 'nothing'],
    /^error: there is no event type nothing; /,
  ],
  [
    'no such file',
    ['/nowhere', '--event', 'visit'],
    /^error: there is no file or folder \/nowhere/,
  ],
  ['a wrong day', ['x', '--event', 'visit', '--from', '2025-02-30'], /A day is written as/],
  [
    'days the wrong way round',
    ['x', '--event', 'visit', '--from', '2025-02-03', '--to', '2025-02-02'],
    /^error: --from is after --to/,
  ],
  ['no time', [past, '--event', 'visit', '--time', 'when'], /^error: .* has no value "when"/],
])('%s is a sentence', async (_, args, sentence) => {
  const { code, stderr } = await run(...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(sentence);
});
