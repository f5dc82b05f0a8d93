// Builds a program of the workspace, without Nx's output unless that fails, and runs it in this process:
//
//   node tools/workspace/src/run-built.cjs <project> [arguments of the program…]
//
// Where no source has changed since the last time, it is run at once.
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { buildQuietly } = require('./build-quietly.cjs');
const { isBuilt, noteBuilt } = require('./built-programs.cjs');

const [project, ...args] = process.argv.slice(2);
const root = join(__dirname, '../../..');
const program = join(root, 'dist/tools', project, 'main.mjs');

async function build() {
  if (isBuilt(root, project)) return 0;
  const begunMs = Date.now();
  const code = await buildQuietly('the command', ['build', project]);
  if (code === 0) noteBuilt(root, project, begunMs);
  return code;
}

build().then(async (code) => {
  if (code !== 0) {
    process.exitCode = code;
    return;
  }
  process.argv = [process.execPath, program, ...args];
  await import(pathToFileURL(program).href);
});
