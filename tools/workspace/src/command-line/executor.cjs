// Bundles a program of the workspace and runs it with the caller's arguments as they are. Nx's own run-commands makes a
// shell command of them, in which a file called `$(…)` is a command too.
const { spawn } = require('node:child_process');
const { join } = require('node:path');
const { build } = require('esbuild');
const { esModuleBanner } = require('../es-module-banner.cjs');

module.exports = async (
  { program, args: ownArgs = [], __unparsed__: args = [] },
  { root, projectName, targetName },
) => {
  const folder = join(root, 'dist/commands', `${projectName}-${targetName}`);
  await build({
    absWorkingDir: root,
    entryPoints: { index: join(root, program) },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What a program imports when it comes to it is not loaded before.
    splitting: true,
    platform: 'node',
    format: 'esm',
    banner: { js: esModuleBanner },
    packages: 'external',
    tsconfig: join(root, 'tsconfig.base.json'),
    logLevel: 'warning',
  });
  const child = spawn(process.execPath, [join(folder, 'index.mjs'), ...ownArgs, ...args], {
    cwd: root,
    stdio: 'inherit',
    // Node 20 is said to be supported until the SDK drops it; its warning at every start helps nobody here.
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { success: code === 0 };
};
