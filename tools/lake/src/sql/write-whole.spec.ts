import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakeError } from './lake';
import { writeWhole } from './write-whole';

const folder = mkdtempSync(join(tmpdir(), 'sluice-whole-'));
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const hello = (draft: string): Promise<void> => writeFile(draft, 'hello');
// Windows has no named pipes in the file system, and links there need rights that a test may lack.
const onPosix = process.platform === 'win32' ? test.skip : test;

test('a file is what it was until all of the new one is written', async () => {
  writeFileSync(path('a'), 'before');
  const failure = new Error('the query failed');
  await expect(
    writeWhole(path('a'), async (draft) => {
      await writeFile(draft, 'half of');
      throw failure;
    }),
  ).rejects.toBe(failure);
  expect(readFileSync(path('a'), 'utf8')).toBe('before');
  await writeWhole(path('a'), hello);
  expect(readFileSync(path('a'), 'utf8')).toBe('hello');
  expect(existsSync(path('a.draft'))).toBe(false);
});

test('a folder that is not there, and a folder in its place, are told of', async () => {
  await expect(writeWhole(path('none/a'), hello)).rejects.toThrow(LakeError);
  await expect(writeWhole(folder, hello)).rejects.toThrow(`${folder} can't be written`);
});

onPosix('a pipe gets the text, and stays a pipe', async () => {
  execFileSync('mkfifo', [path('pipe')]);
  const [text] = await Promise.all([
    readFile(path('pipe'), 'utf8'),
    writeWhole(path('pipe'), hello),
  ]);
  expect(text).toBe('hello');
  expect(lstatSync(path('pipe')).isFIFO()).toBe(true);
});

onPosix('what a link stands for is written, and the link stays', async () => {
  writeFileSync(path('target'), 'before');
  symlinkSync(path('target'), path('link'));
  await writeWhole(path('link'), hello);
  expect(readFileSync(path('target'), 'utf8')).toBe('hello');
  expect(lstatSync(path('link')).isSymbolicLink()).toBe(true);
});
