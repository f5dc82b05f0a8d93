// Runs Nx without its output unless it fails: a person who asked for `npm start` did not ask how it is built.
//
//   node tools/workspace/src/quiet-nx.cjs <what is made> <arguments of nx…>
const { Buffer } = require('node:buffer');
const { spawn } = require('node:child_process');

const [what, ...args] = process.argv.slice(2);
const started = Date.now();
// Standard output belongs to the program that is run next.
process.stderr.write(`Building ${what} … `);

const nx = spawn(
  process.execPath,
  [require.resolve('nx/bin/nx.js'), ...args, '--output-style=static'],
  {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NX_TUI: 'false', ...(process.stderr.isTTY && { FORCE_COLOR: '1' }) },
  },
);
const output = [];
for (const stream of [nx.stdout, nx.stderr]) stream.on('data', (piece) => output.push(piece));
nx.once('close', (code, signal) => {
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (code === 0) process.stderr.write(`done in ${seconds} s\n`);
  else {
    process.stderr.write(`failed after ${seconds} s${signal ? ` (${signal})` : ''}\n\n`);
    process.stderr.write(Buffer.concat(output));
  }
  process.exitCode = code ?? 1;
});
