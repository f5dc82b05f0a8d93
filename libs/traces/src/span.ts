/** Role of a span between callers and called (OpenTelemetry, "SpanKind"). */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A finished span, as a plain value. Its name and attributes never hold a value of an event. */
export interface Span {
  /** Name of the service that did the work; another one may send the span. */
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined at the root of a trace. */
  readonly parentSpanId?: string | undefined;
  /** Milliseconds since 1970, with fractions. */
  readonly startMs: number;
  /** Milliseconds since 1970, with fractions; at least `startMs`. */
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  /** Reason of a failure; undefined where the work succeeded. */
  readonly error?: string | undefined;
}
