import { verify } from './verify';

// Node 20 is supported until the SDK drops it; the SDK's warning would only distract here.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

process.exitCode = await verify({
  args: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
});
// The clients' idle connections would keep the process alive.
process.exit();
