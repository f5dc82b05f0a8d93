import { execFileSync } from 'node:child_process';
import {
  piecesOfWidth,
  shellCommand,
  shellWord,
  shortened,
  textWidth,
  wrapLines,
  wrapText,
} from '.';

test('wrapText breaks at spaces, hangs what follows, and keeps a long word whole', () => {
  expect(wrapText('one two three four', { first: '  2  ', columns: 14 })).toBe(
    '  2  one two\n     three\n     four',
  );
  expect(wrapText('see /a/path/without/spaces now', { columns: 10 })).toBe(
    'see\n/a/path/without/spaces\nnow',
  );
  expect(wrapText('')).toBe('');
});

test('wrapLines leaves alone what is indented, and what is not too wide', () => {
  const wide = 'a word '.repeat(12).trim();
  const text = `first\n${wide}\n  ${wide}\n`;
  expect(wrapLines(text)).toBe(`first\n${wrapText(wide)}\n  ${wide}\n`);
});

test('a text is as wide as a terminal shows it, and is cut between characters', () => {
  const names = '田中 太郎 👩‍👩‍👧 e\u0301';
  expect(textWidth(names)).toBe(4 + 1 + 4 + 1 + 2 + 1 + 1);
  expect(wrapText(names, { columns: 9 })).toBe('田中 太郎\n👩‍👩‍👧 e\u0301');
  expect(piecesOfWidth('a田中', 3)).toEqual(['a田', '中']);
  expect(piecesOfWidth('', 3)).toEqual(['']);
  expect(['田中', '田中太', 'abcde', '👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧'].map((text) => shortened(text, 4))).toEqual([
    '田中',
    '田…',
    'abc…',
    '👩‍👩‍👧…',
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
