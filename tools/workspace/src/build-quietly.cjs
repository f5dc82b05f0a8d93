const { Buffer } = require('node:buffer');
const { spawn } = require('node:child_process');

/**
 * Runs Nx without its output unless it fails: a person who asked for a program did not ask how it is built.
 *
 * @param {string} what is made, for the one line that is said
 * @param {readonly string[]} args of nx
 * @returns {Promise<number>} the exit code
 */
exports.buildQuietly = (what, args) => {
  const started = Date.now();
  // Standard output belongs to the program that is run next.
  process.stderr.write(`Building ${what} … `);
  const nx = spawn(
    process.execPath,
    [require.resolve('nx/bin/nx.js'), ...args, '--output-style=static'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NX_TUI: 'false',
        ...(process.stderr.isTTY && { FORCE_COLOR: '1' }),
      },
    },
  );
  const output = [];
  for (const stream of [nx.stdout, nx.stderr]) stream.on('data', (piece) => output.push(piece));
  return new Promise((resolve) => {
    nx.once('close', (code, signal) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      if (code === 0) process.stderr.write(`done in ${seconds} s\n`);
      else {
        process.stderr.write(`failed after ${seconds} s${signal ? ` (${signal})` : ''}\n\n`);
        process.stderr.write(Buffer.concat(output));
      }
      resolve(code ?? 1);
    });
  });
};
