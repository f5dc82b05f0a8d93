import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { LocalServer } from '@sluice/local-http';
import type { Span } from '@sluice/traces';
import { otlpExport } from '@sluice/traces/otlp-export';
import { startOtlpReceiver } from './otlp-receiver';
import { passOnSpans } from './pass-on';
import { TraceStore, type StoredSpan } from './trace-store';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const span: Span = {
  service: 'lookup-api',
  name: 'GET /x',
  kind: 'server',
  traceId,
  spanId: '00f067aa0ba902b7',
  startMs: 1_795_824_000_000.25,
  endMs: 1_795_824_000_001.5,
  attributes: { 'sluice.event_type': 'order', 'sluice.bytes': 7, 'sluice.hedged': true },
  error: 'no answer',
};

let receiver: LocalServer;
const store = new TraceStore();
const passed: string[] = [];
beforeAll(async () => {
  receiver = await startOtlpReceiver({
    port: 0,
    store,
    allowedOrigins: ['http://localhost:5173'],
    passOn: (body) => passed.push(Buffer.from(body).toString()),
  });
});
afterAll(() => {
  receiver.server.closeAllConnections();
  return receiver.close();
});

const post = (body: string | Buffer, headers: Record<string, string> = {}, path = '/v1/traces') =>
  fetch(`${receiver.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: new Uint8Array(Buffer.from(body)),
  });

test('spans of OpenTelemetry’s own exporter arrive as they were, and are passed on', async () => {
  await otlpExport({ url: `${receiver.url}/v1/traces` })([
    span,
    { ...span, service: 'delivery', spanId: '00f067aa0ba902b8', parentSpanId: span.spanId },
  ]);
  const { service, error, ...same } = span;
  expect(store.spansOf(traceId)).toEqual([
    { ...same, service, error },
    { ...same, service: 'delivery', error, spanId: '00f067aa0ba902b8', parentSpanId: span.spanId },
  ]);
  expect(passed).toHaveLength(1);
  expect(JSON.parse(passed[0]!)).toHaveProperty('resourceSpans');
});

test('compressed spans are read, and what is malformed in a span is passed over', async () => {
  const spans = [
    { traceId: 'A'.repeat(32), spanId: 'B'.repeat(16), name: 7, kind: 99, attributes: 'none' },
    {
      traceId: 'a'.repeat(32),
      spanId: 'c'.repeat(16),
      startTimeUnixNano: '-1',
      attributes: [
        { key: 'list', value: { arrayValue: { values: [] } } },
        { key: 'long', value: { stringValue: 'x'.repeat(5_000) } },
        { key: '__proto__', value: { stringValue: 'y' } },
        null,
      ],
    },
    { traceId: '<script>', spanId: 'c'.repeat(16) },
    'nothing',
  ];
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }, 5] });
  const answer = await post(gzipSync(body), { 'content-encoding': 'gzip' });
  expect(answer.status).toBe(200);
  const [first, second, ...more] = store.spansOf('a'.repeat(32)) ?? [];
  expect(more).toEqual([]);
  expect(first).toMatchObject({ service: 'unknown_service', name: '', kind: 'internal' });
  expect(second?.attributes['list']).toBe('{"values":[]}');
  expect(String(second?.attributes['long'])).toHaveLength(1_000);
});

test.each([
  [400, '{"resourceSpans"', {}],
  [400, '{"resourceLogs":[]}', {}],
  [400, 'no gzip', { 'content-encoding': 'gzip' }],
  [415, '{}', { 'content-encoding': 'br' }],
  [415, '{}', { 'content-type': 'application/x-protobuf' }],
  [413, `"${'x'.repeat(5 << 20)}"`, {}],
  [403, '{}', { origin: 'https://evil.example' }],
])('%p for %.20s with %p', async (status, body, headers) => {
  const answer = await post(body, headers);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ message: expect.any(String) });
});

test('other paths and methods are refused, and a page that may call is answered', async () => {
  expect((await post('{}', {}, '/v1/metrics')).status).toBe(404);
  expect((await fetch(`${receiver.url}/v1/traces`)).status).toBe(405);
  const allowed = await post('{"resourceSpans":[]}', { origin: 'http://localhost:5173' });
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
    200,
    'http://localhost:5173',
  ]);
});

describe('the store', () => {
  const stored = (trace: number, spanNumber = 1, more: Partial<StoredSpan> = {}): StoredSpan => ({
    traceId: trace.toString(16).padStart(32, '0'),
    spanId: spanNumber.toString(16).padStart(16, '0'),
    service: 'ingest-gateway',
    name: 'POST',
    kind: 'server',
    startMs: trace * 10,
    endMs: trace * 10 + spanNumber,
    attributes: {},
    ...more,
  });

  test('lists the newest traces first, and finds them', () => {
    const traces = new TraceStore();
    traces.add([
      stored(1, 1, { attributes: { 'sluice.event_type': 'order', 'sluice.event_id': 'e-1' } }),
      stored(2, 1, { error: '' }),
      stored(1, 2, { service: 'delivery', name: 'deliver' }),
    ]);
    const [first, second] = traces.list();
    expect(first).toEqual({
      traceId: stored(1).traceId,
      name: 'deliver',
      services: ['ingest-gateway', 'delivery'],
      startMs: 10,
      endMs: 12,
      spans: 2,
      errors: 0,
      eventTypes: ['order'],
    });
    expect(second).toMatchObject({ traceId: stored(2).traceId, errors: 1 });
    const found = (filter: object) => traces.list(filter).map(({ startMs }) => startMs);
    expect(found({ service: 'delivery' })).toEqual([10]);
    expect(found({ eventType: 'order' })).toEqual([10]);
    expect(found({ onlyErrors: true })).toEqual([20]);
    expect(found({ id: 'e-1' })).toEqual([10]);
    expect(found({ id: stored(2).traceId })).toEqual([20]);
    expect(found({ id: 'elsewhere' })).toEqual([]);
  });

  test('is bounded in traces, in spans of one, and in an answer', () => {
    const traces = new TraceStore();
    for (let trace = 1; trace <= 600; trace++) traces.add([stored(trace)]);
    expect(traces.list()).toHaveLength(100);
    expect(traces.spansOf(stored(100).traceId)).toBeUndefined();
    expect(traces.spansOf(stored(101).traceId)).toHaveLength(1);
    for (let number = 1; number <= 700; number++) traces.add([stored(600, number)]);
    expect(traces.spansOf(stored(600).traceId)).toHaveLength(500);
    for (let trace = 1_000; trace < 1_100; trace++)
      traces.add(Array.from({ length: 500 }, (_, number) => stored(trace, number)));
    expect(traces.list({ service: 'ingest-gateway' })).toHaveLength(40);
  });
});

test('a collector of one’s own gets what arrives, with its headers; one that is away is told of once', async () => {
  const requests: (string | undefined)[][] = [];
  const collector = createServer((request, response) => {
    request.resume();
    requests.push([request.url, request.headers.authorization, request.headers['content-type']]);
    response.end();
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const warnings: string[] = [];
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20t',
  };
  let warned: () => void = () => undefined;
  const isWarned = new Promise<void>((resolve) => (warned = resolve));
  const warn = (line: string): void => {
    warnings.push(line);
    warned();
  };
  const arrived = new Promise((resolve) => collector.once('request', resolve));
  passOnSpans({ environment, warn })?.(Buffer.from('{}'), { 'content-type': 'application/json' });
  await arrived;
  expect(requests).toEqual([['/v1/traces', 'Bearer t', 'application/json']]);
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
  const away = passOnSpans({ environment, warn })!;
  away(Buffer.from('{}'), {});
  await isWarned;
  expect(warnings).toEqual([expect.stringContaining(`${url}/v1/traces does not take traces`)]);
  expect(passOnSpans({ environment: {}, warn })).toBeUndefined();
});
