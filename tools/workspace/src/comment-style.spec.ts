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
