import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LocalServer } from '@sluice/local-http';
import { startConsoleServer } from './console-server';

const token = 't'.repeat(32);
const html = '<!doctype html>';
let api: Server;
let seen: IncomingMessage[] = [];
let page: LocalServer;
const saved: unknown[] = [];
const filters: unknown[] = [];
const reported: unknown[] = [];
let refused: string | undefined;

beforeAll(async () => {
  api = createServer((asked, answer) => {
    seen.push(asked);
    answer.setHeader('access-control-allow-origin', '*');
    answer.end('{"rows":[]}');
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const file = { bytes: Buffer.from(html), type: 'text/html', etag: '"1"' };
  page = await startConsoleServer({
    port: 0,
    files: new Map([
      ['/', file],
      ['/index.html', file],
    ]),
    token,
    apis: { lookup: `http://127.0.0.1:${(api.address() as AddressInfo).port}` },
    apiKey: 'the-key',
    subscribe: (listener) => {
      listener({ atMs: 1, sinceMs: 0, counts: {}, records: [], skipped: 0, settled: [] });
      return () => undefined;
    },
    traces: {
      list: (filter) => {
        filters.push(filter);
        return [];
      },
      spansOf: (id) => (id === 'known' ? [] : undefined),
    },
    runSql: async function* (sql) {
      await Promise.resolve();
      if (sql === 'bad') throw new Error('no such table');
      yield { columns: [{ name: 'a', type: 'bigint' }] };
      yield { rows: [['1']] };
    },
    saveEventType: (definition) => saved.push(definition),
    refusedDefinitions: () => refused,
    reportError: (error) => reported.push(error),
  });
});
afterAll(async () => {
  await page.close();
  await new Promise((resolve) => api.close(resolve));
});
beforeEach(() => {
  seen = [];
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

const ask = (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  { method = 'GET', body = '' } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(page.url + path, { method, headers, agent: false }, (answer) => {
      let text = '';
      const done = () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        // What is told live has no end.
        if (text.startsWith('data: ')) {
          done();
          asked.destroy();
        }
      });
      answer.on('end', done);
    });
    asked.on('error', reject);
    asked.end(body);
  });
const authorised = { authorization: `Bearer ${token}` };

test('anybody of this machine gets the page, with a policy that takes nothing in line', async () => {
  const { status, headers, text } = await ask('/');
  expect([status, text]).toEqual([200, html]);
  expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self'/);
  expect(headers['content-security-policy']).not.toContain('unsafe');
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
  expect(headers['access-control-allow-origin']).toBeUndefined();
  expect((await ask('/', { 'if-none-match': '"1"' })).status).toBe(304);
});

test.each(['//..%2f..%2fetc%2fpasswd', '//[', '/%', '//evil.example/api/lookup/'])(
  'a path that is no URL, %s, is an unknown one',
  async (path) => {
    expect((await ask(path, authorised)).status).toBe(404);
    expect(reported).toEqual([]);
    expect(seen).toEqual([]);
  },
);

test('what the page asks goes to the API with the key, which the page never has', async () => {
  const { status, headers, text } = await ask('/api/lookup/v1/events/x?id=1', authorised);
  expect([status, text]).toEqual([200, '{"rows":[]}']);
  expect(seen[0]?.url).toBe('/v1/events/x?id=1');
  expect(seen[0]?.headers).toMatchObject({ 'x-api-key': 'the-key' });
  expect(seen[0]?.headers['authorization']).toBeUndefined();
  expect(headers['access-control-allow-origin']).toBeUndefined();
});

test.each<[string, string, Readonly<Record<string, string>>, number]>([
  ['no token', '/api/lookup/v1/x', {}, 401],
  ['another token', '/api/lookup/v1/x', { authorization: `Bearer ${'u'.repeat(32)}` }, 401],
  [
    'a page of another site',
    '/api/lookup/v1/x',
    { ...authorised, origin: 'https://evil.example' },
    403,
  ],
  [
    'a page of another port',
    '/api/lookup/v1/x',
    { ...authorised, origin: 'http://127.0.0.1:1' },
    403,
  ],
  ['a name of somebody else', '/', { host: 'evil.example' }, 403],
  ['an API that is none', '/api/constructor/x', authorised, 404],
  ['a way out of the folder', '/..%2f..%2fetc/passwd', {}, 404],
  ['what is no file', '/local/nothing', authorised, 404],
])('%s is refused', async (_, path, headers, status) => {
  expect((await ask(path, headers)).status).toBe(status);
  expect(seen).toEqual([]);
});

test('a query is answered line by line, and one that is wrong says why', async () => {
  const post = (sql: string) =>
    ask('/local/sql', authorised, { method: 'POST', body: JSON.stringify({ sql }) });
  expect((await post('select 1')).text).toBe(
    '{"columns":[{"name":"a","type":"bigint"}]}\n{"rows":[["1"]]}\n',
  );
  expect(await post('bad')).toMatchObject({ status: 400, text: '{"message":"no such table"}' });
  for (const body of ['null', '[]', '"select 1"', '{'])
    expect(await ask('/local/sql', authorised, { method: 'POST', body })).toMatchObject({
      status: 400,
    });
});

test('what happens is told as it happens, and a definition is kept', async () => {
  expect((await ask('/local/live', authorised)).text).toMatch(/^data: \{"atMs":1/);
  const body = '{"name":"x"}';
  expect((await ask('/local/event-types', authorised, { method: 'POST', body })).status).toBe(201);
  expect(saved).toEqual([{ name: 'x' }]);
  expect((await ask('/local/event-types', authorised, { method: 'POST', body: '{' })).status).toBe(
    400,
  );
});

test('a page hears why the stack does not take definitions up', async () => {
  expect((await ask('/local/event-types', authorised)).text).toBe('{}');
  refused = 'price changed';
  expect((await ask('/local/event-types', authorised)).text).toBe('{"refused":"price changed"}');
  expect((await ask('/local/event-types')).status).toBe(401);
});

test('traces are listed by what is asked for, and one is shown, to those alone who have the token', async () => {
  const query = '?service=lookup-api&eventType=order&errors=1&id=e-1';
  const { status, text } = await ask(`/local/traces${query}`, authorised);
  expect([status, text]).toEqual([200, '{"traces":[]}']);
  expect(filters).toEqual([
    { service: 'lookup-api', eventType: 'order', onlyErrors: true, id: 'e-1' },
  ]);
  expect((await ask('/local/traces/known', authorised)).text).toBe(
    '{"traceId":"known","spans":[]}',
  );
  expect((await ask('/local/traces/other', authorised)).status).toBe(404);
  expect((await ask('/local/traces')).status).toBe(401);
});
