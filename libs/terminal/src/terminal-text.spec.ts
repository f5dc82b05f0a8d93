import { execFileSync } from 'node:child_process';
import { counted, shellCommand, shellWord, wrapText } from '.';

test('wrapText breaks at spaces, hangs what follows, and keeps a long word whole', () => {
  expect(wrapText('one two three four', { first: '  2  ', columns: 14 })).toBe(
    '  2  one two\n     three\n     four',
  );
  expect(wrapText('see /a/path/without/spaces now', { columns: 10 })).toBe(
    'see\n/a/path/without/spaces\nnow',
  );
  expect(wrapText('')).toBe('');
});

test('counted writes a count with its noun in the right number', () => {
  expect([0, 1, 1_200].map((count) => counted(count, 'row'))).toEqual([
    '0 rows',
    '1 row',
    '1,200 rows',
  ]);
});

test('a shell gets the words of a command as they are, over several lines', () => {
  const words = ["it's", '$(date)', '{"a": "ü \\\\"}', '--data-dir', '/tmp/with space', '', '!x'];
  const command = shellCommand(['printf', ['%s\\n', words[0]!], ...words.slice(1)], {
    columns: 30,
  });
  expect(command.split('\n').length).toBeGreaterThan(2);
  expect(command.split('\n').every((line) => line.length <= 30)).toBe(true);
  expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(`${words.join('\n')}\n`);
});

test('a word is quoted only where it needs that', () => {
  expect(['.sluice', 'a=b', 'http://h:1/p', 'a b', '*', '~'].map(shellWord)).toEqual([
    '.sluice',
    'a=b',
    'http://h:1/p',
    "'a b'",
    "'*'",
    "'~'",
  ]);
});
