import { mock, restApisUnderTest } from './rest-api-under-test';

const { listen, serve } = restApisUnderTest();

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

describe('a body that has a model', () => {
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
  ])('and %s is 400, and the reason is fit for its place in JSON', async (_, body, why) => {
    const [status, text] = await post(body);
    expect(status).toBe(400);
    expect((JSON.parse(text) as { why: string }).why).toMatch(why);
  });
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
