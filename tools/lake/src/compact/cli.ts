import { runCompact } from './run-compact';

process.exitCode = await runCompact({
  args: process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
});
