import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTexts, readOwnFile, writeWhole } from './own-file';

const folder = mkdtempSync(join(tmpdir(), 'sluice-own-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'keys.json');
const read = (): unknown =>
  readOwnFile(file, (text) => parseTexts(text, ['id', 'secret']), 'delete it');

beforeEach(() => rmSync(file, { force: true }));

test('a file that is not there is no fault', () => {
  expect(read()).toBeUndefined();
});

test('what is written whole is read again, and only its owner may read it', () => {
  writeWhole(file, '{"id":"a","secret":"old"}');
  writeWhole(file, '{"id":"a","secret":"b"}');
  expect(read()).toEqual({ id: 'a', secret: 'b' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['keys.json']);
});

test('what can not be written whole leaves the file as it was', () => {
  writeWhole(file, '{"id":"a","secret":"b"}');
  expect(() => writeWhole(join(folder, 'nowhere', 'keys.json'), '{}')).toThrow('ENOENT');
  expect(readFileSync(file, 'utf8')).toBe('{"id":"a","secret":"b"}');
});

test.each([
  ['', 'it is empty'],
  ['{"id":"a","secret":"hunter2', 'it is not JSON'],
  ['null', 'it holds no object'],
  ['{"id":"a"}', '"secret" is no text'],
  ['{"id":"","secret":"b"}', '"id" is no text'],
  [Buffer.from([0x7b, 0xff, 0x7d]), 'not valid'],
])('a damaged file (%j) is named with the way out, and none of its values', (content, reason) => {
  writeFileSync(file, content);
  let message = '';
  try {
    read();
  } catch (error) {
    expect(error).toHaveProperty('name', 'DamagedFileError');
    ({ message } = error as Error);
  }
  expect(message).toContain(`${file} is damaged (`);
  expect(message).toContain(reason);
  expect(message).toMatch(/: delete it$/);
  expect(message).not.toContain('hunter2');
});
