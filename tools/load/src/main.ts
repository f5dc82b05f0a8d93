import { load } from './load';

const interrupt = new AbortController();
// The second time it ends at once.
process.once('SIGINT', () => {
  process.stderr.write('ending; once more ends at once\n');
  interrupt.abort();
});

process.exitCode = await load(
  { args: process.argv.slice(2), stdout: process.stdout, stderr: process.stderr },
  interrupt.signal,
);
// Clients keep connections open that nobody needs any more.
process.exit();
