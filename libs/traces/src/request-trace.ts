import type { Span, SpanAttributes, SpanKind } from './span';
import { newSpanId, type TraceContext } from './trace-context';

/** Clocks, for tests. */
export interface TraceClock {
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** Milliseconds of a clock that never goes back, with fractions. */
  readonly steadyMs: () => number;
}

const systemClock: TraceClock = { wallMs: Date.now, steadyMs: () => performance.now() };

/** Description of a part of the work, with what is known when it ends. */
export interface SpanEnd {
  readonly attributes?: SpanAttributes;
  readonly error?: string | undefined;
}

/** Ends a span. Only the first call counts. */
export type EndSpan = (end?: SpanEnd) => void;

/** Largest number of spans that one request may leave, so that a look-up of many files stays small. */
const maxSpans = 200;

/**
 * Records the spans of one request: one of the request itself, and one of each part of the work that `begin` is called
 * for. What has not ended when the request ends is left out.
 */
export class RequestTrace {
  readonly #service: string;
  readonly #context: TraceContext;
  readonly #spanId = newSpanId();
  readonly #clock: TraceClock;
  readonly #wallStartMs: number;
  readonly #steadyStartMs: number;
  readonly #spans: Span[] = [];
  readonly #attributes: Record<string, string | number | boolean> = {};
  #leftOut = 0;

  constructor(service: string, context: TraceContext, clock: TraceClock = systemClock) {
    this.#service = service;
    this.#context = context;
    this.#clock = clock;
    this.#wallStartMs = clock.wallMs();
    this.#steadyStartMs = clock.steadyMs();
  }

  /** Adds attributes to the span of the request. They must not hold values of events, nor what was asked for. */
  describe(attributes: SpanAttributes): void {
    Object.assign(this.#attributes, attributes);
  }

  /** Begins the span of a part of the work. */
  begin(name: string, kind: SpanKind, attributes: SpanAttributes = {}): EndSpan {
    const startMs = this.#nowMs();
    let isEnded = false;
    return ({ attributes: atEnd = {}, error } = {}) => {
      if (isEnded) return;
      isEnded = true;
      if (this.#spans.length >= maxSpans) {
        this.#leftOut++;
        return;
      }
      this.#spans.push({
        service: this.#service,
        name,
        kind,
        traceId: this.#context.traceId,
        spanId: newSpanId(),
        parentSpanId: this.#spanId,
        startMs,
        endMs: this.#nowMs(),
        attributes: { ...attributes, ...atEnd },
        ...(error !== undefined && { error }),
      });
    };
  }

  /** Ends the request. @returns its spans, its own first */
  end(name: string, { attributes = {}, error }: SpanEnd = {}): readonly Span[] {
    return [
      {
        service: this.#service,
        name,
        kind: 'server',
        traceId: this.#context.traceId,
        spanId: this.#spanId,
        parentSpanId: this.#context.spanId,
        startMs: this.#wallStartMs,
        endMs: this.#nowMs(),
        attributes: {
          ...this.#attributes,
          ...attributes,
          ...(this.#leftOut > 0 && { 'sluice.spans_left_out': this.#leftOut }),
        },
        ...(error !== undefined && { error }),
      },
      ...this.#spans,
    ];
  }

  #nowMs(): number {
    return this.#wallStartMs + (this.#clock.steadyMs() - this.#steadyStartMs);
  }
}
