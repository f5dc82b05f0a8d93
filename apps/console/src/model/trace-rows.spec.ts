import { traceRows, type TraceSpan } from './trace-rows';

const span = (spanId: string, parentSpanId: string | undefined, startMs: number, endMs: number) =>
  ({
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    service: 's',
    name: spanId,
    kind: 'internal',
    startMs,
    endMs,
    attributes: {},
  }) satisfies TraceSpan;

const shown = (spans: readonly TraceSpan[]) =>
  traceRows(spans).map(({ span: { name }, depth, from, share }) => [name, depth, from, share]);

test('each span stands below its parent, with its part of the whole time', () => {
  const spans = [
    span('look-up', undefined, 175, 200),
    span('stream', 'gateway', 110, 150),
    span('row', 'stream', 150, 175),
    span('gateway', 'a client elsewhere', 100, 110),
  ];
  expect(shown(spans)).toEqual([
    ['gateway', 0, 0, 0.1],
    ['stream', 1, 0.1, 0.4],
    ['row', 2, 0.5, 0.25],
    ['look-up', 0, 0.75, 0.25],
  ]);
});

test('spans that are each other’s parents are shown once, and a trace of no length is', () => {
  expect(shown([span('a', 'b', 5, 5), span('b', 'a', 5, 5), span('c', 'c', 5, 5)])).toEqual([
    ['a', 0, 0, 0],
    ['b', 1, 0, 0],
    ['c', 0, 0, 0],
  ]);
});
