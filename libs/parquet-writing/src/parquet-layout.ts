/** Says how a Parquet file is laid out. What it does not name is the writer's choice. */
export interface ParquetLayout {
  readonly codec: 'snappy' | 'zstd' | 'uncompressed';
  readonly rowGroupRows: number;
  /** Columns with smallest and largest value in the footer; the others have none. */
  readonly statistics: 'all' | readonly string[];
  /** Columns without a dictionary. */
  readonly plain?: readonly string[];
}

/** The layout that Firehose writes: Snappy, one row group, dictionaries and statistics everywhere. */
export const rawLayout: ParquetLayout = {
  codec: 'snappy',
  rowGroupRows: 1_048_576,
  statistics: 'all',
};
