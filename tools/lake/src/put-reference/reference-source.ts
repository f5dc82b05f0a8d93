import type { TextPlace } from '@sluice/event-files';
import type { JsonSchema, ReferenceTable } from '@sluice/event-schema';
import type { ProblemList, RowPlace } from './problem-list';

/** Holds one row of a file, whatever its format, as the text of a JSON object. */
export interface SourceRow {
  readonly place: RowPlace;
  readonly json: string;
  /** Place at which the text begins in its file, if it stands there as it is. */
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
  /** Schema of the definition; where there is none, one that every row of the file fits. */
  readonly schema: JsonSchema;
  /** Path of a column → why it has its type. Empty where a definition says so. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Columns of the file that the definition does not name, where all rows have the same columns. */
  readonly leftOut: readonly string[];
  /**
   * Reads the rows from the start of the file. A row that is none is added to the problems and passed over.
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
