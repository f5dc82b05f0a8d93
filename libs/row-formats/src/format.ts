import type { Column } from '@sluice/event-schema';
import type { Cell } from '@sluice/values';

/** What a format has to know of a column. */
export type RowColumn = Pick<Column, 'name' | 'type'>;

/** Cells in the order of the columns that they are written with. */
export interface Row {
  readonly cells: readonly Cell[];
}

/** What an answer says beside its rows and their count; only JSON has a place for it. */
export type AnswerMembers = Readonly<Record<string, unknown>>;

/** One way to write an answer down. */
export interface Format {
  readonly mediaType: string;
  /** What a body is, as OpenAPI 3.0 says it. */
  readonly schema: object;
  /** Writes as many of the rows as fit `maxBytes`, at least one where there is any. */
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
 * Takes texts while they fit, at least one where there is any. Their bytes are counted as they travel: a body
 * is itself a JSON string in Lambda's answer, so that quotes and backslashes count twice.
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
