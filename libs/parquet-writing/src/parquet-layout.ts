/** Layout of a Parquet file. What it does not name is the writer's choice. */
export interface ParquetLayout {
  readonly codec: 'snappy' | 'zstd' | 'uncompressed';
  readonly rowGroupRows: number;
  /** Columns with their smallest and largest value in the footer; other columns have no statistics. */
  readonly statistics: 'all' | readonly string[];
  /** Columns without a dictionary. */
  readonly plain?: readonly string[];
}

/**
 * Layout of a reference table. Joins read it whole, so its row groups are large enough for several threads, and each
 * column has statistics. The small row groups of event tables are for look-ups of one key, which reference tables
 * don't have.
 */
export const referenceLayout: ParquetLayout = {
  codec: 'zstd',
  rowGroupRows: 122_880,
  statistics: 'all',
};

/** The layout that Firehose writes: Snappy, one row group, dictionaries and statistics everywhere. */
export const rawLayout: ParquetLayout = {
  codec: 'snappy',
  rowGroupRows: 1_048_576,
  statistics: 'all',
};
