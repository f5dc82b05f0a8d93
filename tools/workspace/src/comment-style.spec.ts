import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');

/** Matches the beginning of a doc comment that is a fragment; its noun is in another line or file. */
const fragment = /\/\*\*(?:\s|\*(?!\/))*(?:Of|Where|As|Told|By|Who|Which)\b.*/g;

/** Returns the fragments of a source text, each with the number of the line in which it begins. */
const fragmentsOf = (text: string): readonly string[] =>
  [...text.matchAll(fragment)].map(
    ({ 0: comment, index }) =>
      `${text.slice(0, index).split('\n').length}: ${comment.replaceAll(/[\s*/]+/g, ' ').trim()}`,
  );

/** Matches a doc comment of a function, with its first word and the function's name. */
const commentOfFunction =
  /^[ \t]*\/\*\*[\s*]*(\S+)(?:(?!\*\/)[^])*\*\/\s*?\n[ \t]*(?:export (?:default )?)?(?:async )?(?:function\*? (\w+)|const (\w+) =\s*(?:async )?(?:<[^=]*>)?\([^)]*\)[^=;{]*=>)/gm;

/** Matches a verb that says what a function does, such as `Returns` or `Percent-encodes`. */
const verb = /^[A-Z][a-z]+(?:-[a-z]+)?s[,:]?$/;

/** Returns the functions of a source text whose doc comments don't begin with a verb. */
const withoutVerb = (text: string): readonly string[] =>
  [...text.matchAll(commentOfFunction)].flatMap(([, first = '', declared, constant]) =>
    verb.test(first) ? [] : [`${declared ?? constant ?? ''}: ${first}`],
  );

const sources = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', 'apps', 'libs', 'tools'],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter((file) => /\.tsx?$/.test(file) && existsSync(join(root, file)));

test('every doc comment begins with a verb or a noun; see CONTRIBUTING.md', () => {
  expect(sources.length).toBeGreaterThan(1_000);
  expect(
    sources.flatMap((file) =>
      fragmentsOf(readFileSync(join(root, file), 'utf8')).map((found) => `${file}:${found}`),
    ),
  ).toEqual([]);
});

test('the doc comment of every function begins with a verb', () => {
  let commented = 0;
  const code = sources.filter((file) => !/\.(?:spec|e2e)\./.test(file));
  const found = code.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    commented += [...text.matchAll(commentOfFunction)].length;
    return withoutVerb(text).map((one) => `${file}: ${one}`);
  });
  expect(found).toEqual([]);
  expect(commented).toBeGreaterThan(1_000);
});

test('a comment without a verb is found', () => {
  const planted = [
    '/** Returns a day. */',
    'export const dayOf = (ms: number): string => String(ms);',
    '/**',
    ' * A day, as text.',
    ' */',
    'function textOf(): void {}',
    '/** Number of days. */',
    'const days = 7;',
  ];
  expect(withoutVerb(planted.join('\n'))).toEqual(['textOf: A']);
});

test('a fragment is found at the beginning of a comment, and nowhere else', () => {
  // Not written out in the fragments, so that this file has none.
  const opening = '/**';
  const planted = [
    '/** Number of requests. Of these, some were hedged. */',
    '/**',
    ' * Returns the day.',
    ' * Where there is none, the answer is undefined.',
    ' */',
    `${opening} Of these, requests that were sent twice. */`,
    opening,
    ' * Told once for each file.',
    ' */',
    `${opening} Byte strings. */`,
    '// Where the day is over.',
  ];
  expect(fragmentsOf(planted.join('\n'))).toEqual([
    '6: Of these, requests that were sent twice.',
    '7: Told once for each file.',
  ]);
});
