import { runLocalStack } from './run';

// A failure that nobody foresaw; what people can cause is answered inside with a sentence.
process.on('unhandledRejection', (error) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
});

process.exitCode = await runLocalStack({
  args: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
});
