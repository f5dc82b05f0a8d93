import type { Erasure } from './erasure';

/** Rows of a day that one pass of an erasure removed. */
export interface ErasedRows {
  readonly date: string;
  readonly rows: number;
  /** End of the pass, in milliseconds since 1970. */
  readonly atMs: number;
}

/** Returns the rows that the passes of an erasure removed from a table, by day, as its certificate counts them. */
export const erasedRows = (
  { certificate }: Pick<Erasure, 'certificate'>,
  table: string,
): readonly ErasedRows[] =>
  (certificate?.passes ?? []).flatMap(({ tables, endedAtMs }) =>
    tables
      .filter((one) => one.table === table)
      .flatMap(({ days }) => days.map(({ date, rows }) => ({ date, rows, atMs: endedAtMs }))),
  );
