import { fetchRanges } from './byte-ranges';
import type { ByteSource, ReadOptions } from './byte-source';
import { createColumnReader, type ColumnReader } from './column-reader';
import { chunkLocation, rowGroupCount, rowGroupRows, type ParquetFooter } from './footer';
import type { KeyRow } from './key-read';
import { chunkPages } from './page';
import type { ParquetValue } from './value-type';

export interface RowsOptions extends ReadOptions {
  /**
   * Largest number of rows that are decoded and yielded at a time.
   *
   * @default 1,024, or fewer where a row has many values
   */
  readonly batchRows?: number;
}

const maxBatchRows = 1_024;
/** Largest number of values, over all columns, in one batch of a file without lists. */
const maxBatchValues = 16_384;

/**
 * Reads every row of a file, in batches. Each row has the values of the columns in their order.
 *
 * @example
 * import { readFile } from 'node:fs/promises';
 * import { bytesSource, readFooter, readRows } from '@sluice/parquet-reading';
 * const source = bytesSource(await readFile('orders.parquet'));
 * const footer = await readFooter(source);
 * for await (const rows of readRows(source, footer)) console.log(rows.length);
 */
export async function* readRows(
  source: ByteSource,
  footer: ParquetFooter,
  { batchRows = rowsAtATime(footer), ...options }: RowsOptions = {},
): AsyncGenerator<readonly KeyRow[]> {
  for await (const { rows, readers } of columnReaders(source, footer, options))
    for (let row = 0; row < rows; row += batchRows) {
      const batch: KeyRow[] = [];
      const size = Math.min(batchRows, rows - row);
      while (batch.length < size) batch.push(readers.map((reader) => reader.read()));
      yield batch;
    }
}

/** Values of some successive rows, column by column. */
export interface ColumnBatch {
  readonly rows: number;
  /** Values of each column of the file, in their order. */
  readonly columns: readonly (readonly ParquetValue[])[];
}

/** Reads every row of a file like {@link readRows}, but column by column, which is faster. */
export async function* readColumns(
  source: ByteSource,
  footer: ParquetFooter,
  { batchRows = rowsAtATime(footer), ...options }: RowsOptions = {},
): AsyncGenerator<ColumnBatch> {
  for await (const { rows, readers } of columnReaders(source, footer, options))
    for (let row = 0; row < rows; row += batchRows) {
      const size = Math.min(batchRows, rows - row);
      yield { rows: size, columns: readers.map((reader) => reader.readMany(size)) };
    }
}

/** Yields the readers of the columns of each row group that has rows. */
async function* columnReaders(
  source: ByteSource,
  footer: ParquetFooter,
  options: ReadOptions,
): AsyncGenerator<{ readonly rows: number; readonly readers: readonly ColumnReader[] }> {
  const { columns, leaves } = footer;
  for (let group = 0; group < rowGroupCount(footer); group++) {
    const rows = rowGroupRows(footer, group);
    if (rows === 0) continue;
    const ranges = leaves.map((leaf) => chunkLocation(footer, group, leaf));
    const fetched = await fetchRanges(source, ranges, options);
    const readers = columns.map((column) =>
      createColumnReader(column, (leaf) => {
        const location = chunkLocation(footer, group, leaf);
        return chunkPages(fetched.slice(location), leaf, location);
      }),
    );
    yield { rows, readers };
  }
}

const rowsAtATime = ({ leaves }: ParquetFooter): number =>
  Math.max(1, Math.min(maxBatchRows, Math.floor(maxBatchValues / Math.max(1, leaves.length))));
