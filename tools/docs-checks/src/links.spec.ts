import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const workspace = join(__dirname, '../../..');

const documents = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard', '*.md'], {
  cwd: workspace,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(workspace, file)));

/** Returns the relative links of a document, without what is after `#`. */
const linksOf = (text: string): readonly string[] =>
  Array.from(text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g), ([, link = '']) => link).filter(
    (link) => !/^[a-z]+:/.test(link),
  );

/** Returns the paths that a document names as code, such as `tools/lake/src/main.ts`; a guide names files that its reader makes. */
const pathsOf = (file: string, text: string): readonly string[] =>
  file.startsWith('docs/guides/')
    ? []
    : Array.from(text.matchAll(/`((?:apps|libs|tools|docs)\/[\w./-]+)`/g), ([, path = '']) => path);

test('there are documents to look at', () => {
  expect(documents.length).toBeGreaterThan(60);
});

test.each(documents)('what %s points at is there', (file) => {
  const text = readFileSync(join(workspace, file), 'utf8');
  const missing = [
    ...linksOf(text).map((link) => normalize(join(dirname(file), link))),
    ...pathsOf(file, text),
  ].filter((path) => !existsSync(join(workspace, path)));
  expect(missing).toEqual([]);
});
