import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { blocksOf, guides } from './documented-commands';

const workspace = join(__dirname, '../../..');

/** The blocks of the guides that a reader saves under the path in their first line. */
const files = guides.flatMap((guide) =>
  blocksOf(guide).flatMap(({ text, line }) => {
    const path = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
    return path === undefined ? [] : [{ path, text, place: `${guide}:${line}` }];
  }),
);

it.each(files)('$place has the format that the gate asks of a file', ({ path, text }) => {
  const formatted = execFileSync(
    process.execPath,
    ['node_modules/oxfmt/bin/oxfmt', '--stdin-filepath', path],
    { cwd: workspace, input: text, encoding: 'utf8' },
  );
  expect(text).toBe(formatted);
});
