import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { functionTraces, headersOf } from './function-traces';
import type { Span } from './span';
import { spanSender } from './span-sender';
import { W3C } from './testing';

const { traceId, spanId, header } = W3C;

const span: Span = {
  service: 'lookup-api',
  name: 'GET /x',
  kind: 'server',
  traceId,
  spanId,
  parentSpanId: '00f067aa0ba902b8',
  startMs: 1_795_824_000_000.25,
  endMs: 1_795_824_000_001.5,
  attributes: { 'http.response.status_code': 200, 'sluice.cached': true, 'sluice.share': 0.5 },
  error: 'no answer',
};

describe('a sender of spans', () => {
  const dropped: [number, string][] = [];
  beforeEach(() => dropped.splice(0));
  const onDropped = (spans: number, reason: string): void => {
    dropped.push([spans, reason]);
  };

  test('drops and counts what a collector does not take, and leaves it alone for a while', async () => {
    let nowMs = 0;
    let calls = 0;
    const send = spanSender({
      load: () => Promise.resolve(() => (calls++, Promise.reject(new Error('503')))),
      onDropped,
      now: () => nowMs,
    });
    await send([span, span]);
    nowMs = 29_999;
    await send([span]);
    expect(calls).toBe(1);
    nowMs = 30_000;
    await send([span]);
    expect(calls).toBe(2);
    expect(dropped).toEqual([
      [2, '503'],
      [1, 'the collector did not answer a moment ago'],
      [1, '503'],
    ]);
  });

  test('does not wait for a collector that never answers', async () => {
    const send = spanSender({
      load: () => Promise.resolve(() => new Promise(() => undefined)),
      onDropped,
      timeoutMs: 5,
    });
    await send([span]);
    expect(dropped).toEqual([[1, 'the collector took longer than 5 ms']]);
  });

  test('loads again what could not be loaded, and nothing without spans', async () => {
    let loads = 0;
    let nowMs = 0;
    const send = spanSender({
      load: () =>
        ++loads === 1
          ? Promise.reject(new Error('no secret'))
          : Promise.resolve(() => Promise.resolve()),
      onDropped,
      now: () => nowMs,
    });
    await send([]);
    expect(loads).toBe(0);
    await send([span]);
    nowMs = 60_000;
    await send([span]);
    expect([loads, dropped]).toEqual([2, [[1, 'no secret']]]);
  });
});

describe('the traces of a function', () => {
  let server: Server;
  let url = '';
  const requests: { path?: string | undefined; headers: object; body: unknown }[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
        requests.push({ path: request.url, headers: request.headers, body });
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const options = {
    service: 'lookup-api',
    telemetry: {
      spansDropped: (spans: number, reason: string): never => {
        throw new Error(`${spans} dropped: ${reason}`);
      },
    },
    readSecret: (name: string) => Promise.resolve(`authorization=Bearer%20${name}`),
  };

  test('are none where no collector is named', () => {
    expect(functionTraces({ ...options, environment: {} })).toBeUndefined();
    const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SDK_DISABLED: 'true' };
    expect(functionTraces({ ...options, environment: disabled })).toBeUndefined();
  });

  test('go to the collector by OpenTelemetry’s own exporter, with the headers of the secret', async () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      TRACES_HEADERS_SECRET: 'token',
    };
    const before = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = url;
    const traces = functionTraces({ ...options, environment })!;
    expect(traces.begin(undefined)).toBeUndefined();
    expect(traces.begin(header)?.end('x')[0]).toMatchObject({ traceId, parentSpanId: spanId });
    await traces.send([span, { ...span, service: 'ingest-gateway', parentSpanId: undefined }]);
    if (before === undefined) delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    expect(requests).toHaveLength(1);
    const [{ path, headers, body } = { headers: {}, body: undefined }] = requests;
    expect(path).toBe('/v1/traces');
    expect(headers).toMatchObject({
      authorization: 'Bearer token',
      'content-type': 'application/json',
    });
    const { resourceSpans } = body as { resourceSpans: { scopeSpans: { spans: object[] }[] }[] };
    expect(resourceSpans).toMatchObject([
      {
        resource: {
          attributes: [{ key: 'service.name', value: { stringValue: 'lookup-api' } }, {}],
        },
      },
      { resource: { attributes: [{ value: { stringValue: 'ingest-gateway' } }, {}] } },
    ]);
    expect(resourceSpans[0]!.scopeSpans[0]!.spans).toMatchObject([
      {
        traceId,
        spanId,
        parentSpanId: '00f067aa0ba902b8',
        name: 'GET /x',
        kind: 2,
        startTimeUnixNano: '1795824000000250000',
        endTimeUnixNano: '1795824000001500000',
        attributes: [
          { key: 'http.response.status_code', value: { intValue: 200 } },
          { key: 'sluice.cached', value: { boolValue: true } },
          { key: 'sluice.share', value: { doubleValue: 0.5 } },
        ],
        status: { code: 2, message: 'no answer' },
      },
    ]);
    expect(resourceSpans[1]!.scopeSpans[0]!.spans[0]).not.toHaveProperty('parentSpanId');
  });

  test('headers are those of OTEL_EXPORTER_OTLP_HEADERS', () => {
    expect(headersOf('a=1, b=two%2C%20three=3,,=x,c')).toEqual({ a: '1', b: 'two, three=3' });
    expect(headersOf('')).toEqual({});
  });
});
