import type { TextLocation } from '@sluice/event-files';
import type { JsonSchema, ReferenceTable } from '@sluice/event-schema';
import type { ProblemList, RowLocation } from './problem-list';

/** A row of a file in any format, as the text of a JSON object. */
export interface SourceRow {
  readonly place: RowLocation;
  readonly json: string;
  /** Location at which the text begins in its file, if it is unchanged from there. */
  readonly start?: TextLocation;
}

/** Successive rows of a file whose own types determined the columns, with the values as the columns take them. */
export interface ColumnRows {
  /** Place of the first row. */
  readonly place: RowLocation;
  readonly rows: number;
  /** Values of each column, by its name. */
  readonly columns: ReadonlyMap<string, readonly unknown[]>;
  /** Estimated memory of the rows, in characters. */
  readonly characters: number;
}

/** An opened file whose columns are known. */
export interface ReferenceSource {
  /** Schema of the definition; without one, a schema to which every row of the file conforms. */
  readonly schema: JsonSchema;
  /** Reason for the type of each column, by path. Empty where a definition determines the types. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Columns of the file that the definition does not name, if all rows have the same columns. */
  readonly leftOut: readonly string[];
  /**
   * Reads the rows from the start of the file, in batches of any size: one step of an asynchronous iterator takes as
   * long as reading a row. A row that can't be read is added to the problems and skipped.
   *
   * @throws SourceFileError where the rest of the file can't be read
   */
  rows(options: RowsOptions): AsyncIterable<readonly SourceRow[] | ColumnRows>;
}

export interface RowsOptions {
  readonly problems: ProblemList;
  readonly onBytesRead: (bytes: number) => void;
}

export interface OpenOptions {
  readonly path: string;
  /** Name of the reference table. */
  readonly name: string;
  readonly definition: ReferenceTable | undefined;
  readonly onBytesRead: (bytes: number) => void;
}
