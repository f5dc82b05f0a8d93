import { W3C } from './testing';
import { parseTraceLine, traceLine, traceMagicText } from './record-trace';
import { sampledContext, samplingOf } from './sampling';
import { newSpanId, newTraceId, parseTraceparent, spanIdOf, traceparent } from './trace-context';

const { traceId, spanId, header } = W3C;

test('a traceparent is read as W3C’s examples have it, and written back', () => {
  expect(parseTraceparent(header)).toEqual({ traceId, spanId, isSampled: true });
  expect(parseTraceparent(header.replace(/01$/, '00'))).toMatchObject({ isSampled: false });
  expect(parseTraceparent(header.replace(/01$/, '03'))).toMatchObject({ isSampled: true });
  expect(parseTraceparent(`cc${header.slice(2)}-what-the-future-brings`)).toMatchObject({ spanId });
  expect(traceparent({ traceId, spanId })).toBe(header);
});

test.each([
  undefined,
  '',
  header.toUpperCase(),
  `ff${header.slice(2)}`,
  `${header}-more`,
  `${header}\n`,
  header.replace(traceId, '0'.repeat(32)),
  header.replace(spanId, '0'.repeat(16)),
  header.replace(traceId, traceId.slice(1)),
  `x${header}`,
])('%p is no traceparent', (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});

test('the caller decides whether a request is recorded, and else the share', () => {
  const never = () => 1;
  const parent = { traceId, spanId };
  expect(sampledContext(header, { share: 0 }, never)).toMatchObject(parent);
  expect(sampledContext(header.replace(/01$/, '00'), { share: 1 }, () => 0)).toBeUndefined();
  expect(sampledContext(undefined, { share: 0 }, () => 0)).toBeUndefined();
  expect(sampledContext('nonsense', { share: 0.5 }, () => 0.5)).toBeUndefined();
  expect(sampledContext('nonsense', { share: 0.5 }, () => 0.49)).toMatchObject({
    spanId: undefined,
  });
});

test('sampling is that of the standard variables', () => {
  const share = (OTEL_TRACES_SAMPLER?: string, OTEL_TRACES_SAMPLER_ARG?: string) =>
    samplingOf({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG }).share;
  expect(share()).toBe(1);
  expect(share('parentbased_always_off')).toBe(0);
  expect(share('parentbased_traceidratio', '0.25')).toBe(0.25);
  expect(() => share('jaeger_remote')).toThrow(/jaeger_remote.*known are/);
  expect(() => share('parentbased_traceidratio', '2')).toThrow(/not a number from 0 to 1/);
});

test('ids are random, or made of what they stand for', () => {
  expect([newTraceId(), newSpanId()]).toEqual([
    expect.stringMatching(/^[0-9a-f]{32}$/),
    expect.stringMatching(/^[0-9a-f]{16}$/),
  ]);
  expect(spanIdOf(traceId, 'a', 1)).toBe(spanIdOf(traceId, 'a', 1));
  expect(spanIdOf(traceId, 'a', 1)).not.toBe(spanIdOf(traceId, 'a', 2));
});

test('the line of a record comes back as it was written, and nothing else is one', () => {
  const trace = {
    traceId,
    parentSpanId: undefined,
    requestId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    requestMs: 1_795_824_000_000,
    index: 499,
  };
  const line = traceLine(trace).slice(traceMagicText.length, -1);
  expect(parseTraceLine(line)).toEqual(trace);
  for (const other of [`${line} more`, line.slice(1), line.replace('499', '-1'), ''])
    expect(parseTraceLine(other)).toBeUndefined();
});
