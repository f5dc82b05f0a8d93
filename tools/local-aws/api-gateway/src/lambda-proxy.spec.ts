import { restApisUnderTest } from './rest-api-under-test';

const { serve } = restApisUnderTest();

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

describe('proxy integrations', () => {
  const document = {
    paths: {
      '/v1/events/{event_type}': { get: proxy(), head: proxy() },
      '/v1/events/{event_type}/lookup': { post: proxy({ timeoutInMillis: 50 }) },
    },
    'x-amazon-apigateway-binary-media-types': ['application/vnd.apache.arrow.stream', 'image/*'],
  };

  test('the function gets the id of the API key, which no header can name', async () => {
    const keys: unknown[] = [];
    const endpoint = await serve({
      document: {
        paths: { '/secured': { get: { ...proxy(), security: [{ apiKey: [] }] } } },
        components: {
          securitySchemes: { apiKey: { type: 'apiKey', name: 'x-api-key', in: 'header' } },
        },
      },
      invokeFunction: (_arn, event) => {
        const { requestContext } = event as { readonly requestContext: { identity: object } };
        keys.push(requestContext.identity);
        return Promise.resolve({ statusCode: 200, body: 'ok' });
      },
    });
    const statusOf = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${endpoint}/secured`, { headers })).status;
    expect(await statusOf({ 'x-api-key': 'right', 'x-api-key-id': 'other' })).toBe(200);
    expect(await statusOf({ 'x-api-key': 'the-key' })).toBe(403);
    expect(keys).toEqual([expect.objectContaining({ apiKeyId: 'the-key' })]);
  });

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
