/** What can be wrong with a Parquet file; each kind is a class of its own. */
export abstract class ParquetError extends Error {}

/** The bytes are not a Parquet file, or contradict themselves. Nothing of them is returned as a row. */
export class CorruptParquetError extends ParquetError {
  override readonly name = 'CorruptParquetError';
}

/** A sound file that uses what this reader does not read: encryption, an unknown codec or encoding. */
export class UnsupportedParquetError extends ParquetError {
  override readonly name = 'UnsupportedParquetError';
}

/** Throws a {@link CorruptParquetError} unless `holds`. */
export function check(holds: boolean, describe: () => string): asserts holds {
  if (!holds) throw new CorruptParquetError(describe());
}
