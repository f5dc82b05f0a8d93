import { tableFromIPC, type Table } from 'apache-arrow';
import { parquetMetadata } from 'hyparquet';
import { decodeParquet } from './decode-parquet';

/**
 * Reads the rows of a Parquet file as an Arrow table.
 *
 * @param rowGroups numbers of row groups; by default all
 * @throws Error where the file is broken
 */
export const readParquetTable = (bytes: Uint8Array, rowGroups?: readonly number[]): Table =>
  tableFromIPC(decodeParquet(bytes, rowGroups));

/**
 * Reads some columns of a Parquet file, as far as it has them.
 *
 * @throws Error where the file is broken
 */
export function readKeyTable(bytes: Uint8Array, columns: readonly string[]): Table {
  return tableFromIPC(decodeParquet(bytes, undefined, columns));
}

/** Returns the number of rows of each row group of a file. @throws Error where the footer is broken */
export const rowsOfGroups = (bytes: Uint8Array): readonly number[] =>
  parquetMetadata(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
  ).row_groups.map(({ num_rows: rows }) => Number(rows));

/** Yields the rows of a file in its order, as many row groups at a time as are needed for `minRows` rows. */
export function* readParquetBlocks(bytes: Uint8Array, minRows: number): Generator<Table> {
  const { row_groups: groups } = parquetMetadata(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
  );
  let wanted: number[] = [];
  let rows = 0;
  for (const [index, { num_rows: groupRows }] of groups.entries()) {
    wanted.push(index);
    rows += Number(groupRows);
    if (rows < minRows && index < groups.length - 1) continue;
    yield readParquetTable(bytes, wanted);
    wanted = [];
    rows = 0;
  }
}
