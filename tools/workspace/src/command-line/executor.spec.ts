import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

interface Run {
  readonly root: string;
  readonly projectName: string;
  readonly targetName: string;
}

const runCommandLine =
  jest.requireActual<
    (
      options: { readonly program: string; readonly __unparsed__: readonly string[] },
      run: Run,
    ) => Promise<{ readonly success: boolean }>
  >('./executor.cjs');

const workspace = join(__dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'sluice-command-line-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a program gets its arguments as they are, whatever a shell would make of them', () => {
  const rows = join(folder, 'rows.csv');
  writeFileSync(rows, 'a\n1\n');
  // What is between the markers would be run, and leave a file.
  const hostile = {
    '--name': `$(touch ${folder}/substituted)`,
    '--key': `\`touch ${folder}/quoted-back\``,
    '--definitions': `x"; touch ${folder}/after-a-quote; "`,
    '--file': rows,
  };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(workspace, 'node_modules/nx/dist/bin/nx.js'),
      ...['run', 'lake:put-reference', '--', '--dry-run'],
      ...Object.entries(hostile).flat(),
    ],
    { cwd: workspace, encoding: 'utf8', env: { ...process.env, NX_DAEMON: 'false' } },
  );
  expect(stdout + stderr).toContain(
    `${JSON.stringify(hostile['--name'])} can't be the name of a reference table`,
  );
  expect(status).toBe(1);
  expect(readdirSync(folder)).toEqual(['rows.csv']);
}, 120_000);

test('a program knows its folder and can require, as in its source', async () => {
  const program = join(folder, 'program.ts');
  const said = join(folder, 'said.txt');
  writeFileSync(program, `require('node:fs').writeFileSync(process.argv[2] ?? '', __dirname);\n`);
  const run = { root: workspace, projectName: 'workspace', targetName: 'spec' };
  const bundle = join(workspace, 'dist/commands/workspace-spec');
  try {
    expect(
      await runCommandLine({ program: relative(workspace, program), __unparsed__: [said] }, run),
    ).toEqual({ success: true });
    expect(readFileSync(said, 'utf8')).toBe(bundle);
  } finally {
    rmSync(bundle, { recursive: true, force: true });
    rmSync(said, { force: true });
  }
});
