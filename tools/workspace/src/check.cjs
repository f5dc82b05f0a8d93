// Runs every check of the workspace: format, lint, types, tests and bundles, and with them the templates.
//
//   node tools/workspace/src/check.cjs [further targets for Nx…]
//
// Nx starts nothing beside a batch, which lint and types are, and most of those is one process. So they are a run of
// their own beside the tests, with the format before them, and no core waits.
const { Buffer } = require('node:buffer');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');

const root = join(__dirname, '../../..');
const nx = [process.execPath, join(root, 'node_modules/nx/dist/bin/nx.js'), 'run-many'];
const prettier = [process.execPath, join(root, 'node_modules/prettier/bin/prettier.cjs')];

const tests = [...nx, '-t', 'build', 'test', ...process.argv.slice(2), '--output-style=static'];
const beside = [
  [...prettier, '--check', '--log-level', 'warn', '.'],
  [...nx, '-t', 'lint', 'typecheck', '--output-style=static'],
];

/**
 * Runs a command. Resolves with whether it succeeded.
 *
 * @param {string[]} command
 * @param {{ atEnd: boolean }} output whether it is printed once the command has ended, so that no other one's is in between
 */
async function run([program, ...args], { atEnd }) {
  const started = Date.now();
  const child = spawn(program, args, { cwd: root, stdio: atEnd ? 'pipe' : 'inherit' });
  const output = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece) => output.push(piece));
  const [code] = await once(child, 'close');
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stdout.write(
    `${Buffer.concat(output)}── ${seconds} s${code === 0 ? '' : ', failed'}: ${args.join(' ').replace(`${root}/`, '')}\n`,
  );
  return code === 0;
}

async function runInOrder(commands) {
  let succeeded = true;
  for (const command of commands) succeeded = (await run(command, { atEnd: true })) && succeeded;
  return succeeded;
}

Promise.all([run(tests, { atEnd: false }), runInOrder(beside)]).then((succeeded) => {
  process.exitCode = succeeded.every(Boolean) ? 0 : 1;
});
