import { handleBrokenOutput } from '@sluice/terminal/broken-output';
import { verify } from './verify';

handleBrokenOutput(process);

// Node 20 is said to be supported until the SDK drops it; its warning helps nobody here.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

process.exitCode = await verify({
  args: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
});
// Clients keep connections open that nobody needs any more.
process.exit();
