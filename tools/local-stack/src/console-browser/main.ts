// Does each page's main task in a real browser against a stack of its own: `npx nx run console:browser`, with
// --pictures for the documents' pictures.
import { join } from 'node:path';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { checkConsole } from './check-console';
import { withConsole } from './with-console';

void withConsole(async ({ browser, address, traces, dataDir }) => {
  const faults = await checkConsole({
    browser,
    address,
    traces,
    dataDir,
    pictures: process.argv.includes('--pictures')
      ? join(workspaceRoot(), 'docs', 'images')
      : undefined,
    say: (line) => void process.stdout.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify({ faults })}\n`);
  return faults.length === 0 ? 0 : 1;
}).then((code) => {
  process.exitCode = code;
});
