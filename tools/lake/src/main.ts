// npm run lake -- <command> …, npm run sql -- …, npm run ingest -- …
import { runLake } from './commands';

// Node 20 is supported until the SDK drops it; the SDK's warning at every start would only distract.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

process.exitCode = await runLake({
  args: process.argv.slice(2),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
