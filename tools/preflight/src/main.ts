import { preflight } from './preflight';

process.exitCode = await preflight({
  args: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
});
// Clients keep connections open that nobody needs any more.
process.exit();
