import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { RequestTrace, sampledContext, type FunctionTraces, type Span } from '@sluice/traces';
import { fromProxyEvent, proxyHandler, toProxyResult, type HttpApi } from './http';

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

describe('a recorded request', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const request = (headers: Record<string, string>) =>
    ({
      httpMethod: 'GET',
      path: '/v1/subjects/somebody@example.com',
      resource: '/v1/subjects/{subject}',
      headers,
      requestContext: { requestId: 'request-1' },
      body: null,
    }) as unknown as APIGatewayProxyEvent;
  const begins = { invocationBegins: () => undefined };
  const sent: (readonly Span[])[] = [];
  const traces = (share: number): FunctionTraces => ({
    service: 'operations',
    begin: (header) => {
      const context = sampledContext(header, { share });
      return context && new RequestTrace('operations', context);
    },
    send: (spans) => {
      sent.push(spans);
      return Promise.resolve();
    },
  });
  beforeEach(() => sent.splice(0));
  const answering =
    (status: number): HttpApi =>
    async ({ trace }) => {
      trace?.begin('GetObject', 'client')();
      return Promise.resolve({ status, headers: {}, body: '' });
    };

  it('leaves a span with the route and never the path, and one for each part, before the answer', async () => {
    const handler = proxyHandler(answering(503), begins, traces(0));
    expect((await handler(request({ Traceparent: traceparent }), {} as Context)).statusCode).toBe(
      503,
    );
    expect(sent).toMatchObject([
      [
        {
          service: 'operations',
          name: 'GET /v1/subjects/{subject}',
          kind: 'server',
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
          parentSpanId: '00f067aa0ba902b7',
          attributes: {
            'http.route': '/v1/subjects/{subject}',
            'http.response.status_code': 503,
            'aws.request_id': 'request-1',
          },
          error: 'answered with 503',
        },
        { name: 'GetObject', parentSpanId: sent[0]![0]!.spanId },
      ],
    ]);
    expect(JSON.stringify(sent)).not.toContain('somebody');
  });

  it('is none that its caller does not record, or that is not sampled', async () => {
    const handler = proxyHandler(answering(200), begins, traces(1));
    await handler(request({ traceparent: traceparent.replace(/01$/, '00') }), {} as Context);
    await proxyHandler(answering(200), begins, traces(0))(request({}), {} as Context);
    await proxyHandler(answering(200), begins)(request({ traceparent }), {} as Context);
    expect(sent).toEqual([]);
    await handler(request({}), {} as Context);
    expect(sent[0]![0]!.parentSpanId).toBeUndefined();
  });
});
