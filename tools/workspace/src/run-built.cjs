// Builds a program of the workspace, without Nx's output unless that fails, and runs it in this process:
//
//   node tools/workspace/src/run-built.cjs <project> [arguments of the program…]
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { buildQuietly } = require('./build-quietly.cjs');

const [project, ...args] = process.argv.slice(2);
const program = join(__dirname, '../../../dist/tools', project, 'main.mjs');

buildQuietly('the command', ['build', project]).then(async (code) => {
  if (code !== 0) {
    process.exitCode = code;
    return;
  }
  process.argv = [process.execPath, program, ...args];
  await import(pathToFileURL(program).href);
});
