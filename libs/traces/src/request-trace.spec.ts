import { RequestTrace } from './request-trace';
import { W3C } from './testing';

const { traceId, spanId } = W3C;

/** A trace on a clock that the test moves. */
function recorded() {
  let ms = 0;
  const trace = new RequestTrace(
    'lookup-api',
    { traceId, spanId },
    { wallMs: () => 1_000, steadyMs: () => 50 + ms },
  );
  return { trace, at: (now: number) => (ms = now) };
}

test('parts of a request stand below it, by a clock that does not go back', () => {
  const { trace, at } = recorded();
  at(0.5);
  const end = trace.begin('GetObject', 'client', { 'sluice.range': 'bytes=0-9' });
  at(2.25);
  end({ attributes: { 'sluice.bytes': 10 } });
  end({ error: 'said twice' });
  trace.begin('ListObjectsV2', 'client');
  trace.describe({ 'sluice.event_type': 'order' });
  at(3);
  const [request, part, ...more] = trace.end('GET /x', { attributes: { status: 200 } });
  expect(more).toEqual([]);
  expect(request).toEqual({
    service: 'lookup-api',
    name: 'GET /x',
    kind: 'server',
    traceId,
    spanId: request!.spanId,
    parentSpanId: spanId,
    startMs: 1_000,
    endMs: 1_003,
    attributes: { 'sluice.event_type': 'order', status: 200 },
  });
  expect(part).toEqual({
    service: 'lookup-api',
    name: 'GetObject',
    kind: 'client',
    traceId,
    spanId: part!.spanId,
    parentSpanId: request!.spanId,
    startMs: 1_000.5,
    endMs: 1_002.25,
    attributes: { 'sluice.range': 'bytes=0-9', 'sluice.bytes': 10 },
  });
});

test('a request of many parts leaves some, and says how many it left out', () => {
  const { trace } = recorded();
  for (let part = 0; part < 250; part++) trace.begin('GetObject', 'client')();
  const spans = trace.end('GET /x');
  expect(spans).toHaveLength(201);
  expect(spans[0]!.attributes).toEqual({ 'sluice.spans_left_out': 50 });
});
