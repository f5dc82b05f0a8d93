import { SignatureV4 } from '@smithy/signature-v4';
import { connect } from 'node:net';
import { NodeSha256 } from '../requests/node-sha256';
import { mock, restApisUnderTest } from './rest-api-under-test';

const { serve } = restApisUnderTest();

describe('access', () => {
  const document = {
    components: { securitySchemes: { key: { type: 'apiKey', name: 'x-api-key', in: 'header' } } },
    paths: { '/a': { get: { security: [{ key: [] }], ...mock(200, '{}') } } },
    'x-amazon-apigateway-gateway-responses': {
      INVALID_API_KEY: {
        statusCode: '403',
        responseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
        responseTemplates: {
          'application/json': '{"m":$context.error.messageString,"id":"$context.requestId"}',
        },
      },
      DEFAULT_4XX: {
        responseTemplates: { 'application/json': '{"type":"$context.error.responseType"}' },
      },
    },
  };

  test('a wrong or missing key is answered as the document says', async () => {
    const endpoint = await serve({ document });
    for (const headers of [{}, { 'x-api-key': 'wrong' }] as Record<string, string>[]) {
      const response = await fetch(`${endpoint}/a`, { headers });
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(await response.json()).toEqual({
        m: 'Forbidden',
        id: response.headers.get('x-amzn-requestid'),
      });
    }
    expect((await fetch(`${endpoint}/a`, { headers: { 'x-api-key': 'right' } })).status).toBe(200);
  });

  test('more requests than the usage plan allows are 429', async () => {
    const endpoint = await serve({ document, throttle: { requestsPerSecond: 0.001, burst: 2 } });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++)
      statuses.push((await fetch(`${endpoint}/a`, { headers: { 'x-api-key': 'right' } })).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  test('a type without a response of its own takes that of its class', async () => {
    const response = await fetch(`${await serve({ document })}/nowhere`);
    expect(await response.json()).toEqual({ type: 'MISSING_AUTHENTICATION_TOKEN' });
  });
});

describe('IAM authorization', () => {
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const document = {
    components: {
      securitySchemes: {
        iam: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
      },
    },
    paths: { '/a/{b}': { post: { security: [{ iam: [] }], ...mock(200, '{}') } } },
  };

  /** By the SDK's own signer. */
  const post = async (endpoint: string, secretAccessKey: string): Promise<[number, unknown]> => {
    const signer = new SignatureV4({
      service: 'execute-api',
      region: 'us-east-1',
      credentials: { ...credentials, secretAccessKey },
      sha256: NodeSha256,
    });
    const { host } = new URL(endpoint);
    const request = {
      method: 'POST',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: '/a/b%20c',
      headers: { host, 'content-type': 'application/json' },
      body: '{"id":1}',
    };
    const { headers } = await signer.sign(request);
    const { body, path } = request;
    // The host is set by what sends.
    const others = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'host'));
    const response = await fetch(`${endpoint}${path}`, { method: 'POST', headers: others, body });
    return [response.status, await response.json()];
  };

  test('takes what the holder of the secret signed, and nothing else', async () => {
    const endpoint = await serve({ document, credentials });
    expect(await post(endpoint, 'secret')).toEqual([200, {}]);
    expect(await post(endpoint, 'guessed')).toMatchObject([
      403,
      { message: expect.stringContaining('signature') },
    ]);
    const unsigned = await fetch(`${endpoint}/a/b`, { method: 'POST', body: '{}' });
    expect(unsigned.status).toBe(403);
  });
});

describe('bodies', () => {
  const document = { paths: { '/a': { post: mock(200, '{}') } } };
  const post = async (endpoint: string, body: string): Promise<[number, string]> => {
    const response = await fetch(`${endpoint}/a`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    return [response.status, await response.text()];
  };

  test('one of 10 MB is taken, one byte more is 413 in the words of the gateway', async () => {
    const endpoint = await serve({ document });
    const filler = (size: number): string => `{"id":1,"x":"${'a'.repeat(size - 15)}"}`;
    expect(filler(100)).toHaveLength(100);
    const limit = 10 * 1024 * 1024;
    expect(await post(endpoint, filler(limit))).toEqual([200, '{}']);
    expect(await post(endpoint, filler(limit + 1))).toEqual([
      413,
      '{"message":"Request Too Long"}',
    ]);
  });

  test('a client that goes away in the middle of its body does no harm', async () => {
    const reported: unknown[] = [];
    const endpoint = await serve({ document, reportError: (_, error) => reported.push(error) });
    const { port } = new URL(endpoint);
    const socket = connect(Number(port), '127.0.0.1');
    await new Promise<void>((resolve) => {
      socket.write('POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"id"', () =>
        resolve(),
      );
    });
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reported).toEqual([]);
    expect(await post(endpoint, '{"id":1}')).toEqual([200, '{}']);
  });
});

test('required parameters that are missing are named', async () => {
  const endpoint = await serve({
    document: {
      'x-amazon-apigateway-request-validators': { params: { validateRequestParameters: true } },
      'x-amazon-apigateway-request-validator': 'params',
      paths: {
        '/a': {
          get: {
            parameters: [
              { name: 'id', in: 'query', required: true },
              { name: 'X-Trace', in: 'header', required: true },
              { name: 'limit', in: 'query' },
            ],
            ...mock(200, '{}'),
          },
        },
      },
    },
  });
  expect(await (await fetch(`${endpoint}/a`)).json()).toEqual({
    message: 'Missing required request parameters: [id, X-Trace]',
  });
  expect((await fetch(`${endpoint}/a?id=1`, { headers: { 'x-trace': 't' } })).status).toBe(200);
});

test('an access log line is written in the format of the stage, and clients can not forge one', async () => {
  const lines: string[] = [];
  const endpoint = await serve({
    document: { paths: { '/a': { get: mock(200, '{"ok":true}') } } },
    accessLogFormat:
      '{"status":$context.status,"path":"$context.path","agent":"$context.identity.userAgent","bytes":$context.responseLength,"no":"$context.nothing.here"}',
    accessLog: (line) => lines.push(line),
  });
  await fetch(`${endpoint}/a?secret=1`, { headers: { 'user-agent': '"}\t{"status":500' } });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { status: 200, path: '/a', agent: '"}\t{"status":500', bytes: 11, no: '-' },
  ]);
});
