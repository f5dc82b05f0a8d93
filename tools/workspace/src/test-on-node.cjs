// Runs the tests, or other targets that are named by -t, on another version of Node, of which it takes the plain binary from npm:
//
//   node tools/workspace/src/test-on-node.cjs <version> [arguments of nx run-many…]
const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, writeFileSync } = require('node:fs');
const { delimiter, dirname, join } = require('node:path');

const root = join(__dirname, '../../..');
const [version = '', ...rest] = process.argv.slice(2);

if (!/^\d+(\.\d+){0,2}$/.test(version)) {
  process.stderr.write(
    'usage: npm run test:node -- <version, such as 26 or 20.19> [-t target] [-p project]\n',
  );
  process.exit(2);
}

const platform = `node-${process.platform}-${process.arch}`;
const folder = join(root, 'dist', 'nodes', version);
const binary = join(folder, 'node_modules', platform, 'bin', 'node');
if (!existsSync(binary)) {
  mkdirSync(folder, { recursive: true });
  // A package of its own, so that npm leaves the workspace's alone.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const install = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--prefix', folder];
  execFileSync('npm', [...install, `${platform}@${version}`], { stdio: 'inherit' });
}
process.stdout.write(`Node ${execFileSync(binary, ['--version'], { encoding: 'utf8' })}`);

const { status } = spawnSync(
  binary,
  [
    join(root, 'node_modules/nx/dist/bin/nx.js'),
    'run-many',
    ...(rest.includes('-t') ? [] : ['-t', 'test']),
    '--output-style=static',
    ...rest,
  ],
  {
    cwd: root,
    stdio: 'inherit',
    // What passed on another version says nothing of this one.
    env: {
      ...process.env,
      NX_SKIP_NX_CACHE: 'true',
      PATH: [dirname(binary), process.env.PATH].join(delimiter),
    },
  },
);
process.exitCode = status ?? 1;
