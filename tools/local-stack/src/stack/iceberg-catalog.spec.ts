import { MemoryObjectStore } from '@sluice/lake-layout';
import { startIcebergCatalog } from './iceberg-catalog';

const token = 'the-api-key';
const lake = new MemoryObjectStore();
let url = '';
let close = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  const text = (value: string) => new TextEncoder().encode(value);
  await lake.put('order/iceberg/metadata/version-hint.text', text('2'));
  await lake.put('order/iceberg/metadata/v2.metadata.json', text('{"format-version":2}'));
  const server = await startIcebergCatalog({
    port: 0,
    lake,
    bucket: 'lake',
    namespace: 'sluice_dev',
    tables: () => ['order', 'empty'],
    token,
    storage: { 's3.endpoint': 'http://127.0.0.1:9' },
    allowedOrigins: [],
  });
  url = `${server.url}/iceberg/v1`;
  close = server.close;
});
afterAll(() => close());

const ask = async (path: string, init: RequestInit = {}) => {
  const headers = { authorization: `Bearer ${token}`, ...(init.headers as object) };
  const response = await fetch(url + path, { ...init, headers });
  const body = await response.text();
  return { status: response.status, body: body && (JSON.parse(body) as unknown) };
};

test.each<[string, unknown]>([
  ['/config', { defaults: {}, overrides: {}, endpoints: expect.any(Array) }],
  ['/namespaces', { namespaces: [['sluice_dev']] }],
  ['/namespaces?parent=sluice_dev', { namespaces: [] }],
  ['/namespaces/sluice_dev', { namespace: ['sluice_dev'], properties: {} }],
  [
    '/namespaces/sluice_dev/tables',
    { identifiers: [{ namespace: ['sluice_dev'], name: 'order' }] },
  ],
  [
    '/namespaces/sluice_dev/tables/order',
    {
      'metadata-location': 's3://lake/order/iceberg/metadata/v2.metadata.json',
      metadata: { 'format-version': 2 },
      config: { 's3.endpoint': 'http://127.0.0.1:9' },
      'storage-credentials': [
        { prefix: 's3://lake/order/iceberg', config: { 's3.endpoint': 'http://127.0.0.1:9' } },
        { prefix: 's3://lake/order/compacted/', config: { 's3.endpoint': 'http://127.0.0.1:9' } },
      ],
    },
  ],
])('%s is answered as the protocol has it', async (path, body) => {
  expect(await ask(path)).toEqual({ status: 200, body });
});

test.each<[string, string, RequestInit, number, string]>([
  [
    'a table that is not there',
    '/namespaces/sluice_dev/tables/empty',
    {},
    404,
    'NoSuchTableException',
  ],
  [
    'a path out of the lake',
    '/namespaces/sluice_dev/tables/..%2Forder',
    {},
    404,
    'NoSuchTableException',
  ],
  [
    "a table's metadata table, which Spark asks for as a table of that namespace",
    '/namespaces/sluice_dev%1Forder/tables/snapshots',
    {},
    404,
    'NoSuchTableException',
  ],
  [
    'a namespace that is not there',
    '/namespaces/other/tables',
    {},
    404,
    'NoSuchNamespaceException',
  ],
  ['a write', '/namespaces/sluice_dev/tables', { method: 'POST' }, 403, 'ForbiddenException'],
  ['no token', '/namespaces', { headers: { authorization: '' } }, 401, 'NotAuthorizedException'],
  ['another path', '/anything', {}, 404, 'NotFoundException'],
  ['a path that is no text', '/namespaces/%ed%a0%80', {}, 400, 'BadRequestException'],
])('%s is refused', async (_, path, init, code, type) => {
  expect(await ask(path, init)).toEqual({
    status: code,
    body: { error: { code, type, message: expect.stringMatching(/./) } },
  });
});

test('a page of another origin is refused before its token is looked at', async () => {
  expect((await ask('/config', { headers: { origin: 'https://example.com' } })).status).toBe(403);
});

test('a HEAD says whether there is a table', async () => {
  expect((await ask('/namespaces/sluice_dev/tables/order', { method: 'HEAD' })).status).toBe(204);
});
