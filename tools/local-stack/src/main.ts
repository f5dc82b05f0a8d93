import { handleBrokenOutput } from '@sluice/terminal/broken-output';
import { runLocalStack } from './run';

handleBrokenOutput(process, { goesOn: true });

// A failure that nobody foresaw; what people can cause is answered inside with a sentence.
process.on('unhandledRejection', (error) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
});

// Node 20 is said to be supported until the SDK drops it; its warning at every start helps nobody here.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

process.exitCode = await runLocalStack({
  args: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
});
