/** Row of a recorded event that is not known to be in a file of the lake yet. */
export interface AwaitedRow {
  readonly traceId: string;
  /** Span that made the row. */
  readonly spanId: string;
  readonly eventId: string;
  /** Moment at which the row was made, in milliseconds since 1970. */
  readonly madeMs: number;
}

/** Returns the content of an object that lists awaited rows. */
export const encodeAwaitedRows = (rows: readonly AwaitedRow[]): string =>
  `${JSON.stringify({ version: 1, rows })}\n`;

/** Reads an object that {@link encodeAwaitedRows} made. Anything else lists no rows. */
export function decodeAwaitedRows(text: string): readonly AwaitedRow[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return [];
  }
  const { rows } = (content ?? {}) as { readonly rows?: unknown };
  return Array.isArray(rows) ? rows.filter(isAwaitedRow) : [];
}

const isAwaitedRow = (value: unknown): value is AwaitedRow => {
  const { traceId, spanId, eventId, madeMs } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (
    typeof eventId === 'string' &&
    Number.isFinite(madeMs) &&
    /^[0-9a-f]{32}$/.test(String(traceId)) &&
    /^[0-9a-f]{16}$/.test(String(spanId))
  );
};
