import type { TextPlace } from '@sluice/event-files';
import type { JsonSchema, ReferenceTable } from '@sluice/event-schema';
import type { ProblemList, RowPlace } from './problem-list';

/** A row of a file in any format, as the text of a JSON object. */
export interface SourceRow {
  readonly place: RowPlace;
  readonly json: string;
  /** Location at which the text begins in its file, if it is unchanged from there. */
  readonly start?: TextPlace;
}

/** Holds one row of a file whose own types made the columns: each value as its column takes it. */
export interface ColumnRow {
  readonly place: RowPlace;
  /** Column → value, as the row table takes it. */
  readonly values: Readonly<Record<string, unknown>>;
  /** About how much memory it takes. */
  readonly characters: number;
}

/** A file that was looked at: its columns are known. */
export interface ReferenceSource {
  /** Schema of the definition; without one, a schema to which every row of the file conforms. */
  readonly schema: JsonSchema;
  /** Reason for the type of each column, by path. Empty where a definition determines the types. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Columns of the file that the definition does not name, if all rows have the same columns. */
  readonly leftOut: readonly string[];
  /**
   * Reads the rows from the start of the file. A row that can't be read is added to the problems and skipped.
   *
   * @throws SourceFileError where the rest of the file can't be read
   */
  rows(options: RowsOptions): AsyncIterable<SourceRow | ColumnRow>;
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
