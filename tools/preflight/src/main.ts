import { handleBrokenOutput } from '@sluice/terminal/broken-output';
import { preflight } from './preflight';

handleBrokenOutput(process);

process.exitCode = await preflight({
  args: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
});
// The clients' idle connections would keep the process alive.
process.exit();
