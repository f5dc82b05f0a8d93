import { startOwnStack, type OwnStack } from '@sluice/verify';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load';

const folder = mkdtempSync(join(tmpdir(), 'sluice-load-spec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const code = await load({
    args: ['--event-types', 'match_event', '--lookups-per-second', '1', ...args],
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

test('a local stack of its own takes its load, and every row comes', async () => {
  const file = join(folder, 'report.json');
  const { code, stdout, stderr } = await run(
    ...['--events-per-second', '20', '--minutes', '0.05', '--json-file', file],
  );
  expect(stderr).toContain('should cost nothing here');
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    accepted: 60,
    refused: 0,
    missing: 0,
    lookupsFailed: 0,
  });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    rows: { sampled: 60, found: 60 },
    events: { asked: 60, sent: 60, heldBack: 0, refused: {} },
  });
  expect(code).toBe(0);
}, 180_000);

describe('a planted fault', () => {
  let stack: OwnStack;
  let server: Server;
  beforeAll(async () => {
    stack = await startOwnStack();
    server = createServer((request, response) => {
      request.resume();
      const status = Number(/^\/(\d{3})\//.exec(request.url ?? '')?.[1] ?? 200);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(status === 200 ? '{"rows":[]}' : '{"message":"No."}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }, 120_000);
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await stack.stop();
  });

  let files = 0;
  const endpointsWith = (changed: object): string => {
    const endpoints = JSON.parse(readFileSync(stack.endpointsFile, 'utf8')) as object;
    const file = join(folder, `endpoints-${++files}.json`);
    // The stage is told by the bucket's name, and event types that were inferred lie beside the file.
    writeFileSync(file, JSON.stringify({ ...endpoints, ...changed }));
    return file;
  };
  const withFault = (member: 'ingest' | 'lookup', path: string): string =>
    endpointsWith({
      [member]: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    });

  test('an endpoint that refuses has its line', async () => {
    const { code, stdout } = await run(
      ...['--endpoints', withFault('ingest', '/403'), '--events-per-second', '20'],
      ...['--minutes', '0.02'],
    );
    expect(stdout).toMatch(/refused: refused \(403\) +│ 24 /);
    expect(code).toBe(1);
  }, 60_000);

  test('rows that never come are missing', async () => {
    const { code, stdout } = await run(
      ...['--endpoints', withFault('lookup', ''), '--events-per-second', '20'],
      ...['--minutes', '0.02', '--timeout-seconds', '2'],
    );
    expect(stdout).toMatch(/rows missing +│ 24 /);
    expect(code).toBe(1);
  }, 60_000);

  test.each([
    ['a wrong key', () => endpointsWith({ apiKey: 'wrong' }), /refused: refused \(403\) +│ 24 /],
    ['look-ups that fail', () => withFault('lookup', '/502'), /look-ups failed +│ \d+; 502 /],
  ])(
    '%s has its line',
    async (_, file, line) => {
      const { code, stdout } = await run(
        ...['--endpoints', file(), '--events-per-second', '20', '--minutes', '0.02'],
        ...['--timeout-seconds', '2'],
      );
      expect(stdout).toMatch(line);
      expect(code).toBe(1);
    },
    60_000,
  );

  test('an event type that there is not is refused before anything is sent', async () => {
    const { code, stderr } = await run(
      '--endpoints',
      stack.endpointsFile,
      '--event-types',
      'match_evnet',
    );
    expect(stderr).toContain('there is no event type match_evnet; there are match_event');
    expect(code).toBe(2);
  });
});

test.each([
  [['--minutes', '61'], 'a number from 0.01 to 60'],
  [['--events-per-second', '0'], 'a number from 0.1 to 20000'],
  [['--stage', 'dev', '--endpoints', 'x'], "cannot be used with option '--stage <name>'"],
])('%j is refused', async (args, message) => {
  const { code, stderr } = await run(...args);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
