/** A span as the page shows it. All texts may be anything that a program sent. */
export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  /** Milliseconds since 1970, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Reason of a failure, which may be empty; undefined where the work succeeded. */
  readonly error?: string;
}

/** A trace in a list. */
export interface TraceSummary {
  readonly traceId: string;
  /** Name of the span that began first. */
  readonly name: string;
  readonly services: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  readonly spans: number;
  readonly errors: number;
  readonly eventTypes: readonly string[];
}

export interface TraceFilter {
  readonly service?: string | undefined;
  readonly eventType?: string | undefined;
  readonly onlyErrors?: boolean | undefined;
  /** Id of a trace, of an event, or of a request. */
  readonly id?: string | undefined;
}

const maxTraces = 500;
const maxSpansOfTrace = 500;
const maxSpans = 20_000;
/** Largest number of traces in an answer. */
const maxListed = 100;

/** Attributes by whose values a trace is found. */
const idAttributes = ['sluice.event_id', 'aws.request_id'] as const;

/** The newest traces, in memory, by the last arrival of one of their spans. */
export class TraceStore {
  /** Spans by id, by trace; the trace that changed last is the last one. */
  readonly #traces = new Map<string, Map<string, StoredSpan>>();
  #spans = 0;

  /** Adds spans. A span replaces an earlier one with the same trace and id. */
  add(spans: readonly StoredSpan[]): void {
    for (const span of spans) {
      const trace = this.#traces.get(span.traceId) ?? new Map<string, StoredSpan>();
      this.#traces.delete(span.traceId);
      this.#traces.set(span.traceId, trace);
      if (!trace.has(span.spanId)) {
        if (trace.size >= maxSpansOfTrace) continue;
        this.#spans++;
      }
      trace.set(span.spanId, span);
    }
    for (const [id, oldest] of this.#traces) {
      if (this.#traces.size <= maxTraces && this.#spans <= maxSpans) break;
      this.#traces.delete(id);
      this.#spans -= oldest.size;
    }
  }

  /** Returns the traces that match a filter, the newest first; at most 100. */
  list({ service, eventType, onlyErrors = false, id }: TraceFilter = {}): readonly TraceSummary[] {
    const found: TraceSummary[] = [];
    for (const [traceId, spans] of [...this.#traces].reverse()) {
      if (found.length >= maxListed) break;
      if (id !== undefined && id !== traceId && !hasId([...spans.values()], id)) continue;
      const summary = summaryOf(traceId, [...spans.values()]);
      if (service !== undefined && !summary.services.includes(service)) continue;
      if (eventType !== undefined && !summary.eventTypes.includes(eventType)) continue;
      if (onlyErrors && summary.errors === 0) continue;
      found.push(summary);
    }
    return found;
  }

  /** Returns the spans of a trace, in the order in which they began; undefined where it is not known. */
  spansOf(traceId: string): readonly StoredSpan[] | undefined {
    const spans = this.#traces.get(traceId);
    return spans && [...spans.values()].sort(byStart);
  }
}

const byStart = (a: StoredSpan, b: StoredSpan): number =>
  a.startMs - b.startMs || b.endMs - a.endMs;

const hasId = (spans: readonly StoredSpan[], id: string): boolean =>
  spans.some(({ attributes }) => idAttributes.some((name) => attributes[name] === id));

function summaryOf(traceId: string, spans: readonly StoredSpan[]): TraceSummary {
  const [first] = [...spans].sort(byStart);
  const types = spans.map(({ attributes }) => attributes['sluice.event_type']);
  return {
    traceId,
    name: first?.name ?? '',
    services: [...new Set(spans.map(({ service }) => service))],
    startMs: first?.startMs ?? 0,
    endMs: Math.max(...spans.map(({ endMs }) => endMs)),
    spans: spans.length,
    errors: spans.filter(({ error }) => error !== undefined).length,
    eventTypes: [...new Set(types.filter((type) => typeof type === 'string'))],
  };
}
