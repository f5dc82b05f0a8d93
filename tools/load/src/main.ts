import { handleBrokenOutput } from '@sluice/terminal/broken-output';
import { load } from './load';

handleBrokenOutput(process);

const interrupt = new AbortController();
// A second Ctrl-C ends the process at once.
process.once('SIGINT', () => {
  process.stderr.write('ending; once more ends at once\n');
  interrupt.abort();
});

process.exitCode = await load(
  { args: process.argv.slice(2), stdout: process.stdout, stderr: process.stderr },
  interrupt.signal,
);
// The clients' idle connections would keep the process alive.
process.exit();
