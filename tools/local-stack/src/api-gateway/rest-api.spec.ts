import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createRestApi, type RestApi, type RestApiOptions } from './rest-api';

const opened: { server: Server; api?: RestApi }[] = [];

const listen = async (listener: RequestListener, api?: RestApi): Promise<string> => {
  const server = createServer(listener);
  opened.push({ server, ...(api && { api }) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const serve = (options: Partial<RestApiOptions> & { document: unknown }): Promise<string> => {
  const api = createRestApi({ apiKeys: ['right'], stageName: 'test', ...options });
  return listen(api.listener, api);
};

afterEach(async () => {
  for (const { server, api } of opened.splice(0)) {
    api?.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const mock = (statusCode: number, template?: string, extra: object = {}): object => ({
  'x-amazon-apigateway-integration': {
    type: 'mock',
    requestTemplates: { 'application/json': `{"statusCode":${statusCode}}` },
    responses: {
      default: {
        statusCode,
        ...(template !== undefined && { responseTemplates: { 'application/json': template } }),
        ...extra,
      },
    },
  },
});

const integrationOf = (integration: object): object => ({
  'x-amazon-apigateway-integration': integration,
});

const functionUri =
  'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:000000000000:function:lookup/invocations';

const proxy = (extra: object = {}): object => ({
  'x-amazon-apigateway-integration': {
    type: 'aws_proxy',
    httpMethod: 'POST',
    uri: functionUri,
    ...extra,
  },
});

const kinesisOperation = (extra: object = {}): object => ({
  'x-amazon-apigateway-integration': {
    type: 'aws',
    uri: 'arn:aws:apigateway:eu-west-1:kinesis:action/PutRecord',
    passthroughBehavior: 'never',
    requestParameters: {
      'integration.request.header.Content-Type': "'application/x-amz-json-1.1'",
    },
    requestTemplates: { 'application/json': '{"Body":"$util.base64Encode($input.body)"}' },
    responses: {
      '200': {
        statusCode: '200',
        responseTemplates: { 'application/json': '{"ok":$input.json("$.n")}' },
      },
      '4\\d{2}': {
        statusCode: '400',
        responseTemplates: { 'application/json': '{"type":$input.json("$.__type")}' },
      },
      default: { statusCode: '503' },
    },
    ...extra,
  },
});

const kinesisAt = (endpoint: string) => ({
  endpoint,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
});

describe('routes', () => {
  const paths = {
    '/v1/events/{event_type}': { get: mock(200, '"$input.params(\'event_type\')"') },
    '/v1/events/listed': { get: mock(200, '"static"') },
    '/files/{name+}': { 'x-amazon-apigateway-any-method': mock(200, '"$input.params(\'name\')"') },
  };

  test.each([
    ['/v1/events/listed', 200, '"static"'],
    ['/v1/events/other', 200, '"other"'],
    ['/v1/events/a%20b?x=1', 200, '"a b"'],
    ['/v1/events/other/', 200, '"other"'],
    ['/files/a/b.txt', 200, '"a/b.txt"'],
    ['/v1/events', 403, '{"message":"Missing Authentication Token"}'],
    ['/v1/events/%E0%A4', 403, '{"message":"Missing Authentication Token"}'],
  ])('%s', async (path, status, body) => {
    const response = await fetch(`${await serve({ document: { paths } })}${path}`);
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test('a method that the path does not have is no resource at all', async () => {
    const endpoint = await serve({ document: { paths } });
    expect((await fetch(`${endpoint}/v1/events/listed`, { method: 'POST' })).status).toBe(403);
    expect((await fetch(`${endpoint}/files/a`, { method: 'DELETE' })).status).toBe(200);
  });
});

describe('a document that can not be served is refused by name', () => {
  test.each([
    [{ '/a': { get: {} } }, /GET \/a has no x-amazon-apigateway-integration/],
    [{ '/a': { get: mock(200, '#if(') } }, /GET \/a has a mapping template that is not VTL/],
    [{ '/a': { get: integrationOf({ type: 'http', uri: 'http://x' }) } }, /the type "http"/],
    [
      {
        '/a': {
          get: integrationOf({ type: 'aws', uri: 'arn:aws:apigateway:r:sqs:action/SendMessage' }),
        },
      },
      /sqs:action\/SendMessage", which is not emulated/,
    ],
    [
      {
        '/a': {
          get: integrationOf({
            type: 'mock',
            requestParameters: {
              'integration.request.querystring.a': 'method.request.querystring.a',
            },
          }),
        },
      },
      /integration.request.querystring.a: method.request.querystring.a", which is not emulated/,
    ],
  ])('%j', (paths, message) =>
    expect(() => createRestApi({ document: { paths }, apiKeys: [], stageName: 't' })).toThrow(
      message,
    ),
  );
});

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

describe('requests to a service', () => {
  test('go out as the template renders them, signed, and come back through the response template', async () => {
    const seen: { headers: Record<string, unknown>; body: string }[] = [];
    const service = await listen((message, response) => {
      let body = '';
      message.on('data', (chunk: Buffer) => (body += chunk.toString()));
      message.on('end', () => {
        seen.push({ headers: message.headers, body });
        response.end('{"n":12345678901234567890}');
      });
    });
    const endpoint = await serve({
      document: { paths: { '/a': { post: kinesisOperation() } } },
      kinesis: kinesisAt(service),
    });
    const response = await fetch(`${endpoint}/a`, {
      method: 'POST',
      body: 'text',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect(await response.text()).toBe('{"ok":12345678901234567890}');
    expect(seen[0]!.body).toBe('{"Body":"dGV4dA=="}');
    expect(seen[0]!.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.PutRecord',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-west-1\/kinesis\/aws4_request/,
      ),
    });
  });

  test.each([
    [200, '{"n":1}', 200, '{"ok":1}'],
    [400, '{"__type":"X"}', 400, '{"type":"X"}'],
    [500, 'anything', 503, 'anything'],
  ])('an answer of %i is mapped', async (status, body, mappedStatus, mappedBody) => {
    const service = await listen((_, response) => response.writeHead(status).end(body));
    const endpoint = await serve({
      document: { paths: { '/a': { post: kinesisOperation() } } },
      kinesis: kinesisAt(service),
    });
    const response = await fetch(`${endpoint}/a`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect([response.status, await response.text()]).toEqual([mappedStatus, mappedBody]);
  });

  test('a service that is down, slow or answers what the template can not read is a 5xx, with its reason reported', async () => {
    const reported: string[] = [];
    const reportError = (_: string, error: unknown) => void reported.push(String(error));
    const slow = await listen(() => undefined);
    const garbage = await listen((_, response) => response.end('<xml/>'));
    const statuses: number[] = [];
    for (const [service, timeoutInMillis] of [
      ['http://127.0.0.1:9', 29_000],
      [slow, 50],
      [garbage, 29_000],
    ] as const) {
      const endpoint = await serve({
        document: { paths: { '/a': { post: kinesisOperation({ timeoutInMillis }) } } },
        kinesis: kinesisAt(service),
        reportError,
      });
      const response = await fetch(`${endpoint}/a`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json' },
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([504, 504, 500]);
    expect(reported).toEqual([
      expect.stringMatching(/ECONNREFUSED|EADDRNOTAVAIL/),
      expect.stringMatching(/Endpoint request timed out/),
      expect.stringMatching(/Could not parse the body into json/),
    ]);
  });
});

describe('bodies', () => {
  const model = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } };
  const document = {
    components: { schemas: { M: model } },
    'x-amazon-apigateway-request-validators': { body: { validateRequestBody: true } },
    'x-amazon-apigateway-gateway-responses': {
      BAD_REQUEST_BODY: {
        responseTemplates: { 'application/json': '{"why":"$context.error.validationErrorString"}' },
      },
    },
    paths: {
      '/a': {
        post: {
          'x-amazon-apigateway-request-validator': 'body',
          requestBody: {
            content: { 'application/json': { schema: { $ref: '#/components/schemas/M' } } },
          },
          ...mock(200, '{}'),
        },
      },
    },
  };
  const post = async (body: string | Buffer): Promise<[number, string]> => {
    const response = await fetch(`${await serve({ document })}/a`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    return [response.status, await response.text()];
  };

  test.each<[string, string | Buffer, RegExp]>([
    ['is empty', '', /the body is empty/],
    ['is not JSON', '{"id":', /not JSON/],
    ['is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /not UTF-8/],
    ['does not conform', '{"id":"a"}', /\[\/id: instance type \(string\)/],
    ['lacks a member', '{}', /missing required properties \(\["id"\]\)/],
    [
      'is nested a hundred thousand levels deep',
      `{"id":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      /\[\/id: instance type \(array\)/,
    ],
  ])('one that %s is 400, and the reason is fit for its place in JSON', async (_, body, why) => {
    const [status, text] = await post(body);
    expect(status).toBe(400);
    expect((JSON.parse(text) as { why: string }).why).toMatch(why);
  });

  test('one of 10 MB is taken, one byte more is 413 in the words of the gateway', async () => {
    const filler = (size: number): string => `{"id":1,"x":"${'a'.repeat(size - 15)}"}`;
    expect(filler(100)).toHaveLength(100);
    const limit = 10 * 1024 * 1024;
    expect(await post(filler(limit))).toEqual([200, '{}']);
    expect(await post(filler(limit + 1))).toEqual([413, '{"message":"Request Too Long"}']);
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
    expect(
      (
        await fetch(`${endpoint}/a`, {
          method: 'POST',
          body: '{"id":1}',
          headers: { 'content-type': 'application/json' },
        })
      ).status,
    ).toBe(200);
  });
});

describe('proxy integrations', () => {
  const document = {
    paths: {
      '/v1/events/{event_type}': { get: proxy(), head: proxy() },
      '/v1/events/{event_type}/lookup': { post: proxy({ timeoutInMillis: 50 }) },
    },
    'x-amazon-apigateway-binary-media-types': ['application/vnd.apache.arrow.stream', 'image/*'],
  };

  test('the function gets the whole request', async () => {
    const events: unknown[] = [];
    const arns: string[] = [];
    const endpoint = await serve({
      document,
      invokeFunction: (arn, event) => {
        arns.push(arn);
        events.push(event);
        return Promise.resolve({ statusCode: 200, body: 'ok' });
      },
    });
    await fetch(`${endpoint}/v1/events/a%20b?id=1&id=2&x=%2B`, { headers: { accept: 'text/csv' } });
    await fetch(`${endpoint}/v1/events/e/lookup`, {
      method: 'POST',
      body: '{"ids":["é"]}',
      headers: { 'content-type': 'application/json' },
    });
    await fetch(`${endpoint}/v1/events/e/lookup`, {
      method: 'POST',
      body: Buffer.from([0xff]),
      headers: { 'content-type': 'image/png' },
    });
    expect(arns[0]).toBe('arn:aws:lambda:eu-west-1:000000000000:function:lookup');
    expect(events[0]).toMatchObject({
      resource: '/v1/events/{event_type}',
      path: '/v1/events/a%20b',
      httpMethod: 'GET',
      headers: { accept: 'text/csv' },
      multiValueHeaders: { accept: ['text/csv'] },
      queryStringParameters: { id: '2', x: '+' },
      multiValueQueryStringParameters: { id: ['1', '2'], x: ['+'] },
      pathParameters: { event_type: 'a b' },
      stageVariables: null,
      requestContext: { stage: 'test', httpMethod: 'GET', resourcePath: '/v1/events/{event_type}' },
      body: null,
      isBase64Encoded: false,
    });
    expect(events[1]).toMatchObject({
      body: '{"ids":["é"]}',
      isBase64Encoded: false,
      queryStringParameters: null,
    });
    expect(events[2]).toMatchObject({ body: '/w==', isBase64Encoded: true });
  });

  test('its answer goes back: status, headers of one and of several values, binary where the caller accepts it', async () => {
    const endpoint = await serve({
      document,
      invokeFunction: () =>
        Promise.resolve({
          statusCode: 206,
          headers: { 'X-One': '1', 'Content-Length': '999' },
          multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
          body: '/w==',
          isBase64Encoded: true,
        }),
    });
    const binary = await fetch(`${endpoint}/v1/events/e`, {
      headers: { accept: 'application/vnd.apache.arrow.stream, */*' },
    });
    expect(binary.status).toBe(206);
    expect(binary.headers.get('x-one')).toBe('1');
    expect(binary.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(Buffer.from(await binary.arrayBuffer())).toEqual(Buffer.from([0xff]));
    const text = await fetch(`${endpoint}/v1/events/e`, {
      headers: { accept: 'application/json' },
    });
    expect(await text.text()).toBe('/w==');
    const head = await fetch(`${endpoint}/v1/events/e`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([206, '']);
  });

  test.each<[string, () => Promise<unknown>, number]>([
    ['throws', () => Promise.reject(new Error('boom')), 502],
    ['answers nothing', () => Promise.resolve(null), 502],
    ['answers without a status', () => Promise.resolve({ body: 'x' }), 502],
    ['answers an object as body', () => Promise.resolve({ statusCode: 200, body: {} }), 502],
    ['takes too long', () => new Promise(() => undefined), 504],
  ])(
    'a function that %s is a %i and tells the client nothing',
    async (_, invokeFunction, status) => {
      const reported: unknown[] = [];
      const endpoint = await serve({
        document,
        invokeFunction,
        reportError: (_id, error) => reported.push(error),
      });
      const response = await fetch(`${endpoint}/v1/events/e/lookup`, {
        method: 'POST',
        body: '{}',
      });
      expect(response.status).toBe(status);
      expect(await response.text()).not.toContain('boom');
      expect(reported).toHaveLength(1);
    },
  );
});

test('mock integrations override status and headers from their templates', async () => {
  const template =
    '#set($context.responseOverride.status = 299)#set($context.responseOverride.header.X-Why = "so")"$context.stage $stageVariables.colour"';
  const endpoint = await serve({
    document: {
      paths: {
        '/a': {
          get: mock(200, template, {
            responseParameters: { 'method.response.header.X-Fixed': "'yes'" },
          }),
        },
      },
    },
    stageVariables: { colour: 'red' },
  });
  const response = await fetch(`${endpoint}/a`);
  expect(response.status).toBe(299);
  expect(response.headers.get('x-why')).toBe('so');
  expect(response.headers.get('x-fixed')).toBe('yes');
  expect(await response.text()).toBe('"test red"');
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
