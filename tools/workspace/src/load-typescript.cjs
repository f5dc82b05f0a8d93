// Loads a TypeScript module of the workspace without a build: scripts and Nx generators are run so.
//
//   node tools/workspace/src/load-typescript.cjs <file.ts> [arguments…]   runs it as a script
const { Module } = require('node:module');
const { join, resolve } = require('node:path');
const { buildSync } = require('esbuild');

const root = join(__dirname, '../../..');

/**
 * Loads a TypeScript module.
 *
 * @param {string} file to load, with the workspace modules it imports; packages are required as usual
 * @param {string} workspace folder of the tsconfig.base.json that names those modules
 * @returns its exports
 */
function loadTypeScript(file, workspace = root) {
  const { outputFiles } = buildSync({
    entryPoints: [file],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    tsconfig: join(workspace, 'tsconfig.base.json'),
    logLevel: 'error',
  });
  const loaded = new Module(file, module);
  loaded.filename = file;
  loaded.paths = Module._nodeModulePaths(root);
  loaded._compile(outputFiles[0].text, file);
  return loaded.exports;
}

module.exports = { loadTypeScript };

if (require.main === module) {
  const [file, ...rest] = process.argv.slice(2);
  process.argv = [process.argv[0], resolve(file), ...rest];
  loadTypeScript(resolve(file));
}
