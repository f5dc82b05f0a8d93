/** How a Parquet file is laid out. Whatever is not named is the writer's choice. */
export interface ParquetLayout {
  readonly codec: 'snappy' | 'zstd' | 'uncompressed';
  readonly rowGroupRows: number;
  /** Columns with smallest and largest value in the footer; the others have none. */
  readonly statistics: 'all' | readonly string[];
  /** Columns without a dictionary. */
  readonly plain?: readonly string[];
}

/** As Firehose writes: Snappy, one row group, dictionaries and statistics everywhere. */
export const rawLayout: ParquetLayout = {
  codec: 'snappy',
  rowGroupRows: 1_048_576,
  statistics: 'all',
};

/**
 * For a file sorted by key: row groups so small that a look-up reads one of them whole, and statistics on the
 * key alone, so that the footer stays small.
 */
export const lookupLayout = (keyColumn: string): ParquetLayout => ({
  codec: 'zstd',
  rowGroupRows: lookupRowGroupRows,
  statistics: [keyColumn],
  plain: [keyColumn, 'event_id'],
});

const lookupRowGroupRows = 1_024;

/**
 * Rows of a file in {@link lookupLayout} whose footer is small enough to be read at once: it grows with the
 * column chunks, by about 65 bytes each.
 */
export const lookupFileRows = (columns: number): number =>
  Math.max(1, Math.floor(maxColumnChunks / columns)) * lookupRowGroupRows;

const maxColumnChunks = 2_500;
