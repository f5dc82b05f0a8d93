import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { fromProxyEvent, proxyHandler, toProxyResult } from './http';

const event = (parts: Partial<APIGatewayProxyEvent>): APIGatewayProxyEvent =>
  ({
    httpMethod: 'GET',
    path: '/v1/events/orders',
    headers: {},
    body: null,
    isBase64Encoded: false,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    ...parts,
  }) as APIGatewayProxyEvent;

it('takes parameters, headers and body out of the envelope', () => {
  const request = fromProxyEvent(
    event({
      httpMethod: 'post',
      queryStringParameters: { id: 'b', limit: '1' },
      multiValueQueryStringParameters: { id: ['a', 'b'] },
      headers: { 'Accept-Encoding': 'br' },
      body: Buffer.from('{"ids":["ü"]}').toString('base64'),
      isBase64Encoded: true,
    }),
  );
  expect(request).toMatchObject({ method: 'POST', body: '{"ids":["ü"]}' });
  expect(request.query).toEqual(
    new Map([
      ['id', ['a', 'b']],
      ['limit', ['1']],
    ]),
  );
  expect(request.headers.get('accept-encoding')).toBe('br');
});

it('sends bytes as base64 and text as it is', () => {
  const answer = { status: 200, headers: { a: 'b' } };
  expect(toProxyResult({ ...answer, body: 'text' })).toMatchObject({
    statusCode: 200,
    body: 'text',
    isBase64Encoded: false,
  });
  expect(toProxyResult({ ...answer, body: Uint8Array.from([1, 2]) })).toMatchObject({
    body: 'AQI=',
    isBase64Encoded: true,
  });
});

it('answers an invocation, after the log lines have its ids', async () => {
  const told: unknown[] = [];
  const handler = proxyHandler(
    ({ path }) => {
      told.push(path);
      return Promise.resolve({ status: 200, headers: {}, body: path });
    },
    { invocationBegins: ({ requestContext }) => told.push(requestContext.requestId) },
  );
  const requestContext = { requestId: 'r1' } as APIGatewayProxyEvent['requestContext'];
  expect(await handler(event({ requestContext }), {} as Context)).toMatchObject({
    statusCode: 200,
    body: '/v1/events/orders',
  });
  expect(told).toEqual(['r1', '/v1/events/orders']);
});
