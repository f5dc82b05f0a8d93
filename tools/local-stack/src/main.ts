import { runLocalStack } from './run';

// An unforeseen failure; errors that users can cause are handled inside, with a sentence.
process.on('unhandledRejection', (error) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
});

// Node 20 is supported until the SDK drops it; the SDK's warning at every start would only distract.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

process.exitCode = await runLocalStack({
  args: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
});
