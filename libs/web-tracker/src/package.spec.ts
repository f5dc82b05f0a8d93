import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { createTracker } from './tracker';
import { webEventType } from './web-event';

const library = join(__dirname, '..');

/** Bytes of the script, minified and compressed by gzip. */
const maxBytes = 5_000;

it(`the script has less than ${maxBytes} bytes, compressed`, () => {
  const { outputFiles } = buildSync({
    entryPoints: [join(library, 'src/script.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    tsconfig: join(library, '../../tsconfig.base.json'),
    write: false,
  });
  expect(gzipSync(outputFiles[0]?.contents ?? '').length).toBeLessThan(maxBytes);
});

it('the file of the event type is what its definition says; npx nx run web-tracker:event-type writes it', () => {
  const file = join(library, 'event-types/web_event.event.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(webEventType)));
});

it('nothing is tracked where there is no window, as on a server', async () => {
  const requests: unknown[] = [];
  const tracker = createTracker({
    endpoint: 'https://ingest.example',
    consent: 'assumed',
    fetch: (url) => {
      requests.push(url);
      return Promise.reject(new Error('unexpected'));
    },
  });
  tracker.consent(true);
  tracker.track('rendered');
  await tracker.flush();
  expect(requests).toEqual([]);
});
