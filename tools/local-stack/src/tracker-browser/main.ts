// Tracks a page in a real browser against a stack of its own: `npx nx run web-tracker:browser`.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { withConsole } from '../console-browser/with-console';
import { checkTracker } from './check-tracker';
import { startShop } from './shop';

const definition = 'web_event.event.json';

async function main(): Promise<number> {
  const root = workspaceRoot();
  const shop = await startShop(join(root, 'dist/packages/web-tracker/tracker.js'));
  try {
    return await withConsole(
      async ({ browser, dataDir }) => {
        const endpoints = JSON.parse(readFileSync(join(dataDir, 'endpoints.json'), 'utf8')) as {
          readonly ingest: string;
          readonly lookup: string;
          readonly apiKey: string;
        };
        const faults = await checkTracker({
          browser,
          endpoints,
          shop,
          say: (line) => void process.stdout.write(`${line}\n`),
        });
        process.stdout.write(`${JSON.stringify({ faults })}\n`);
        return faults.length === 0 ? 0 : 1;
      },
      {
        args: ['--allow-origin', shop.origin, '--buffer-seconds', '1', '--no-sample'],
        prepare: (dataDir) => {
          const folder = join(dataDir, 'event-types');
          mkdirSync(folder, { recursive: true });
          copyFileSync(
            join(root, 'libs/web-tracker/event-types', definition),
            join(folder, definition),
          );
        },
      },
    );
  } finally {
    shop.close();
  }
}

void main().then((code) => {
  process.exitCode = code;
});
