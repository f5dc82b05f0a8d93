// Runs every check of the workspace: format, lint, types, tests and bundles, and with them the templates.
//
//   node tools/workspace/src/check.cjs [further targets for Nx…]
//
// Nx starts nothing beside a batch, which lint and types are, and most of those is one process. So they are a run of
// their own, with the format before them, beside the tests of libraries, services and apps, one project at a time. The
// other tests follow, two at a time: three processes on two cores take longer for the same work.
const { Buffer } = require('node:buffer');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');

const root = join(__dirname, '../../..');
const nx = [process.execPath, join(root, 'node_modules/nx/dist/bin/nx.js'), 'run-many'];
const prettier = [process.execPath, join(root, 'node_modules/prettier/bin/prettier.cjs')];

const further = process.argv.slice(2);
const early =
  'tag:type:model,tag:type:content,tag:type:logic,tag:type:adapter,tag:type:service,tag:type:app';
const checks = [
  [...prettier, '--check', '--log-level', 'warn', '.'],
  [...nx, '-t', 'lint', 'typecheck', '--output-style=static'],
];
const earlyTests = [
  [...nx, '-t', 'build', 'test', `--projects=${early}`, '--parallel=1', '--output-style=static'],
];
const allTests = [[...nx, '-t', 'build', 'test', ...further, '--output-style=static']];

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

async function runInOrder(commands, output) {
  let succeeded = true;
  for (const command of commands) succeeded = (await run(command, output)) && succeeded;
  return succeeded;
}

async function check() {
  const beside = await Promise.all([
    runInOrder(earlyTests, { atEnd: false }),
    runInOrder(checks, { atEnd: true }),
  ]);
  // What succeeded is in Nx's cache now, and is not run again; what failed is, so that all failures stand together.
  const last = await runInOrder(allTests, { atEnd: false });
  return beside.every(Boolean) && last;
}

check().then((succeeded) => {
  process.exitCode = succeeded ? 0 : 1;
});
