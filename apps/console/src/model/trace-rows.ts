/** A span, as the local receiver keeps it. All texts may be anything that a program sent. */
export interface TraceSpan {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly error?: string;
}

/** A line of the diagram of a trace. */
export interface TraceRow {
  readonly span: TraceSpan;
  /** Number of spans above it. */
  readonly depth: number;
  /** Beginning and length of its bar, as shares of the whole trace. */
  readonly from: number;
  readonly share: number;
}

/**
 * Returns the lines of a trace: each span below its parent, in the order in which they began. A span whose parent is
 * missing, for example because a client sends its spans elsewhere, is at the top.
 */
export function traceRows(spans: readonly TraceSpan[]): readonly TraceRow[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const below = new Map<string, TraceSpan[]>();
  const top: TraceSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.startMs - b.startMs || b.endMs - a.endMs)) {
    const { parentSpanId } = span;
    if (parentSpanId === undefined || !known.has(parentSpanId)) top.push(span);
    else below.set(parentSpanId, [...(below.get(parentSpanId) ?? []), span]);
  }
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const wholeMs = Math.max(...spans.map((span) => span.endMs)) - startMs;
  const part = (ms: number): number => (wholeMs > 0 ? ms / wholeMs : 0);
  const rows: TraceRow[] = [];
  const seen = new Set<string>();
  const add = (span: TraceSpan, depth: number): void => {
    // Ids are the sender's, and may be each other's parents.
    if (seen.has(span.spanId)) return;
    seen.add(span.spanId);
    rows.push({
      span,
      depth,
      from: part(span.startMs - startMs),
      share: part(span.endMs - span.startMs),
    });
    for (const child of below.get(span.spanId) ?? []) add(child, depth + 1);
  };
  for (const span of [...top, ...spans]) add(span, 0);
  return rows;
}
