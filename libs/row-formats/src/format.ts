import type { Column } from '@sluice/event-schema';
import type { Cell } from '@sluice/values';

/** The part of a column that a format needs. */
export type RowColumn = Pick<Column, 'name' | 'type'>;

/** One row. Its cells are in the order of the columns that are written. */
export interface Row {
  readonly cells: readonly Cell[];
}

/** Members of an answer in addition to its rows and their count; only JSON has a place for them. */
export type AnswerMembers = Readonly<Record<string, unknown>>;

/** A format in which an answer can be written. */
export interface Format {
  readonly mediaType: string;
  /** OpenAPI 3.0 schema of a body. */
  readonly schema: object;
  /** Writes as many rows as fit into `maxBytes`, and at least one where there is any. */
  write(
    rows: readonly Row[],
    columns: readonly RowColumn[],
    maxBytes: number,
  ): WrittenRows | Promise<WrittenRows>;
}

export interface WrittenRows {
  readonly count: number;
  body(members: AnswerMembers): string | Uint8Array;
}

/**
 * Takes texts while they fit, and at least one where there is any. Counts their bytes as they travel: Lambda's answer
 * carries the body as a JSON string, so that quotes and backslashes count twice.
 */
export function takeWhileFits(
  rows: readonly Row[],
  write: (row: Row) => string,
  maxBytes: number,
): readonly string[] {
  const texts: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    const text = write(row);
    bytes += Buffer.byteLength(JSON.stringify(text));
    if (bytes > maxBytes && texts.length > 0) break;
    texts.push(text);
  }
  return texts;
}
