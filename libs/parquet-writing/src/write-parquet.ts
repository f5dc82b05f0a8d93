import { tableToIPC, type Table } from 'apache-arrow';
import { encodeParquet, type ParquetBytes } from './encode-parquet';
import type { ParquetLayout } from './parquet-layout';

/** @param layout how the file is laid out. */
export const writeParquet = (table: Table, layout: ParquetLayout): ParquetBytes =>
  encodeParquet(tableToIPC(table, 'stream'), layout);
