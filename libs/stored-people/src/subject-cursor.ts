import type { LakeDate } from '@sluice/lake-layout';

/** Position of a row among those of its day. It outlives a compaction, and tells nothing of the person. */
export interface RowPosition {
  /** Arrival in microseconds since 1970. */
  readonly arrivedMicros: string;
  readonly digest: string;
}

/** A cursor among the rows of a table: before its first day, after a day, or after a row of a day. */
export interface RowsCursor {
  readonly table: string;
  readonly date?: LakeDate;
  readonly after?: RowPosition;
}

/** A cursor in the error output of a table, after a line of an object. */
export interface ErrorsCursor {
  readonly table: string;
  readonly errors: string;
  readonly line: number;
}

/** A cursor in a reference table, after some of the person's rows. */
export interface ReferenceCursor {
  readonly reference: string;
  /** Number of rows of the person before it. */
  readonly rows: number;
}

/** A cursor at which a page begins. */
export type SubjectCursor = RowsCursor | ErrorsCursor | ReferenceCursor;

/** Writes a cursor as a text that an answer can carry. */
export const encodeSubjectCursor = (cursor: SubjectCursor): string =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** Reads a cursor from its text; undefined where the text is no such cursor. */
export function decodeSubjectCursor(text: string): SubjectCursor | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { table, date, after, errors, line, reference, rows } = value as Record<string, unknown>;
  if (typeof reference === 'string')
    return Number.isSafeInteger(rows) ? { reference, rows: rows as number } : undefined;
  if (typeof table !== 'string') return undefined;
  if (errors !== undefined)
    return typeof errors === 'string' && Number.isSafeInteger(line)
      ? { table, errors, line: line as number }
      : undefined;
  if (date !== undefined && typeof date !== 'string') return undefined;
  const row = rowPosition(after);
  if (after !== undefined && (!row || date === undefined)) return undefined;
  return { table, ...(date !== undefined && { date }), ...(row && { after: row }) };
}

function rowPosition(value: unknown): RowPosition | undefined {
  const { arrivedMicros, digest } = (value ?? {}) as Record<string, unknown>;
  return typeof arrivedMicros === 'string' &&
    /^-?\d{1,19}$/.test(arrivedMicros) &&
    typeof digest === 'string'
    ? { arrivedMicros, digest }
    : undefined;
}
