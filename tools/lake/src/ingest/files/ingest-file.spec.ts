import { openSourceFile } from '@sluice/event-files';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingestFile, type IngestProgress } from './ingest-file';

const folder = mkdtempSync(join(tmpdir(), 'sluice-ingest-file-'));
let gateway: Server;
beforeAll(async () => {
  gateway = createServer((request, response) => {
    request.resume().on('end', () => response.end('{"failed":[]}'));
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => gateway.close(resolve));
  rmSync(folder, { recursive: true });
});

test.each([
  [0, 3],
  [1, 2],
])(
  'after %i events, progress is the part of the file that was answered, and ends with all of it',
  async (after, expected) => {
    const path = join(folder, `few-${after}.ndjson`);
    writeFileSync(path, '{"n":1}\n{"n":2}\n{"n":3}\n');
    const source = await openSourceFile(path);
    const told: IngestProgress[] = [];
    const { accepted } = await ingestFile({
      source,
      eventType: 'few',
      endpoint: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
      apiKey: 'key',
      identityFromLine: false,
      signal: new AbortController().signal,
      after,
      onProgress: (progress) => void told.push(progress),
      onRejected: () => undefined,
    });
    expect(accepted).toBe(expected);
    const whole = told.filter(({ bytesDone }) => bytesDone === source.totalBytes);
    expect(whole.map((one) => one.accepted)).toEqual([expected]);
    expect(told.at(-1)).toEqual(whole[0]);
  },
);
