import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../../..');

/** What a change of one file of each project touches, the project itself included. No more and no less. */
const expected: Readonly<Record<string, readonly string[]>> = {};

let affected: Readonly<Record<string, readonly string[]>>;
beforeAll(() => {
  const output = execFileSync(
    process.execPath,
    [join(__dirname, 'testing/affected.cjs'), ...Object.keys(expected)],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NX_DAEMON: 'false' } },
  );
  affected = JSON.parse(output.trim().split('\n').at(-1) ?? '') as typeof affected;
}, 60_000);

it.each(Object.entries(expected))('a change of %s', (file, projects) => {
  expect(affected[file]).toEqual([...projects].sort());
});
