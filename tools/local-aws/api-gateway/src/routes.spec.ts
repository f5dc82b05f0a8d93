import { createRestApi } from './rest-api';
import { mock, restApisUnderTest } from './rest-api-under-test';

const { serve } = restApisUnderTest();

const integrationOf = (integration: object): object => ({
  'x-amazon-apigateway-integration': integration,
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
    [
      {
        '/a': {
          post: {
            'x-amazon-apigateway-request-validator': 'body',
            requestBody: { content: { 'application/json': { schema: { type: 'text' } } } },
            ...mock(200),
          },
        },
      },
      /POST \/a has a request model that is not JSON Schema draft 4: schema is invalid/,
    ],
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
    expect(() =>
      createRestApi({
        document: {
          'x-amazon-apigateway-request-validators': { body: { validateRequestBody: true } },
          paths,
        },
        apiKeys: [],
        stageName: 't',
      }),
    ).toThrow(message),
  );
});
