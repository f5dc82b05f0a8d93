export { spanIdOf, type TraceContext, type Traceparent } from './trace-context';
export type { Span, SpanAttributes, SpanKind } from './span';
export { sampledContext, type Sampling } from './sampling';
export { RequestTrace, type EndSpan, type SpanEnd, type TraceClock } from './request-trace';
export type { ExportSpans, SendSpans, SpanSenderOptions } from './span-sender';
export { parseTraceLine, traceLine, traceMagicText, type RecordTrace } from './record-trace';
export { decodeAwaitedRows, encodeAwaitedRows, type AwaitedRow } from './awaited-rows';
export type { FunctionTraces } from './function-traces';
