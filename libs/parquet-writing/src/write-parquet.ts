import { tableToIPC, type Table } from 'apache-arrow';
import { encodeParquet, type ParquetBytes } from './encode-parquet';
import type { ParquetLayout } from './parquet-layout';

/** Encodes a table as the bytes of one Parquet file. */
export const writeParquet = (table: Table, layout: ParquetLayout): ParquetBytes =>
  encodeParquet(tableToIPC(table, 'stream'), layout);
