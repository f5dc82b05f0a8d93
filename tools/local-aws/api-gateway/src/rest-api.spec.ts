import { SignatureV4 } from '@smithy/signature-v4';
import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { NodeSha256 } from '@sluice/local-http/testing';
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

  /** Posts a request that the SDK's own signer signed. */
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

describe('a body', () => {
  const document = {
    'x-amazon-apigateway-request-validators': { body: { validateRequestBody: true } },
    'x-amazon-apigateway-request-validator': 'body',
    paths: {
      '/a': {
        post: {
          requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
          ...mock(200, '{}'),
        },
      },
    },
    'x-amazon-apigateway-gateway-responses': {
      BAD_REQUEST_BODY: {
        responseTemplates: { 'application/json': '{"why":"$context.error.validationErrorString"}' },
      },
    },
  };
  const post = async (
    endpoint: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<readonly [number, unknown]> => {
    const response = await fetch(`${endpoint}/a`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
    return [response.status, await response.json()];
  };
  const event = Buffer.from('{"id":"secret"}');

  test('may be gzip or deflate', async () => {
    const endpoint = await serve({ document });
    const gzip = { 'content-encoding': 'gzip' };
    expect(await post(endpoint, new Uint8Array(gzipSync(event)), gzip)).toEqual([200, {}]);
    expect(
      await post(endpoint, new Uint8Array(deflateSync(event)), { 'content-encoding': 'Deflate' }),
    ).toEqual([200, {}]);
    expect(await post(endpoint, '{}', { 'content-encoding': 'identity' })).toEqual([200, {}]);
    // What is within is judged as any body.
    expect(await post(endpoint, new Uint8Array(gzipSync('[1]')), gzip)).toMatchObject([400, {}]);
    expect(await post(endpoint, '{}', gzip)).toEqual([
      400,
      { why: '[the body is not gzip, as its Content-Encoding says]' },
    ]);
    const bomb = gzipSync(Buffer.alloc(11 << 20, ' '));
    expect((await post(endpoint, new Uint8Array(bomb), gzip))[0]).toBe(413);
  });

  test('in another coding, or in gzip that is not announced, is 415 naming the header', async () => {
    const endpoint = await serve({ document });
    for (const [body, coding] of [
      [new Uint8Array(gzipSync(event)), undefined],
      [new Uint8Array(event), 'br'],
      [new Uint8Array(event), 'gzip, gzip'],
    ] as const) {
      const headers: Record<string, string> =
        coding === undefined ? {} : { 'content-encoding': coding };
      expect(await post(endpoint, body, headers)).toEqual([
        415,
        { message: expect.stringContaining('Content-Encoding') },
      ]);
    }
  });

  test.each<[string | Uint8Array<ArrayBuffer>, string]>([
    ['', '[the body is empty]'],
    [' \n\t ', '[the body is empty]'],
    ['\uFEFF{}', '[not JSON: the body begins with a byte order mark (U+FEFF); send it without]'],
    [
      new Uint8Array(Buffer.from('\uFEFF{}', 'utf16le')),
      '[not JSON: the body is UTF-16; send UTF-8]',
    ],
    [new Uint8Array([0x22, 0xff, 0x22]), '[not JSON: the body is not UTF-8]'],
    ['{"id":"secret"', '[not JSON at line 1, column 15]'],
    ['{"id":"secret', '[not JSON'],
    ['{"id":secret}', '[not JSON at line 1, column 7]'],
    ['{"id":\n "secret"x}', '[not JSON at line 2, column 10]'],
    ["{'id':1}", '[not JSON at line 1, column 2]'],
    ['secret', '[not JSON at line 1, column 1]'],
  ])('%j is refused with its fault and without its values', async (body, why) => {
    const [status, answer] = await post(await serve({ document }), body);
    expect(status).toBe(400);
    expect((answer as { readonly why: string }).why).toContain(why);
    expect(JSON.stringify(answer)).not.toContain('secret');
  });
});

test('names of headers and parameters may be any, those that objects have too', async () => {
  const events: unknown[] = [];
  const endpoint = await serve({
    document: {
      paths: {
        '/a': {
          get: {
            'x-amazon-apigateway-integration': {
              type: 'aws_proxy',
              uri: 'arn:aws:apigateway:r:lambda:path/2015-03-31/functions/arn:f/invocations',
            },
          },
        },
      },
    },
    invokeFunction: (_, event) => {
      events.push(JSON.parse(JSON.stringify(event)));
      return Promise.resolve({ statusCode: 200, body: '{}' });
    },
  });
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
  const { port } = new URL(endpoint);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(
        `GET /a?${names.map((name) => `${name}=1&${name}=2`).join('&')} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n` +
          `${names.map((name) => `${name}: 3\r\n`).join('')}\r\n`,
      ),
    );
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  const [event] = events as [
    {
      readonly headers: object;
      readonly multiValueHeaders: object;
      readonly multiValueQueryStringParameters: object;
    },
  ];
  for (const name of names) {
    const own = (values: object): unknown => Object.getOwnPropertyDescriptor(values, name)?.value;
    expect(Object.getOwnPropertyDescriptor(event.headers, name.toLowerCase())?.value).toBe('3');
    expect(own(event.multiValueQueryStringParameters)).toEqual(['1', '2']);
  }
});
