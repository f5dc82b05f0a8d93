/** Base class of the errors of Parquet files; each kind of error is a subclass. */
export abstract class ParquetError extends Error {}

/**
 * Error for bytes that are not a Parquet file, or that contradict themselves. None of the row group is returned as
 * rows.
 */
export class CorruptParquetError extends ParquetError {
  override readonly name = 'CorruptParquetError';
}

/** Error for a valid file that uses a feature which this reader lacks: encryption, an unknown codec or encoding. */
export class UnsupportedParquetError extends ParquetError {
  override readonly name = 'UnsupportedParquetError';
}

/** Throws a {@link CorruptParquetError} unless `holds`. */
export function check(holds: boolean, describe: () => string): asserts holds {
  if (!holds) throw new CorruptParquetError(describe());
}
