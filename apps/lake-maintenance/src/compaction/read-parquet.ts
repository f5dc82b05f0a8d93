import { tableFromIPC, type Table } from 'apache-arrow';
import { readParquet } from 'parquet-wasm';

/** All rows of a Parquet file, as Arrow has them. @throws where the file is broken. */
export function readParquetTable(bytes: Uint8Array): Table {
  try {
    return tableFromIPC(readParquet(bytes, { batchSize: maxBatchRows }).intoIPCStream());
  } catch (error) {
    // parquet-wasm throws strings.
    throw error instanceof Error ? error : new Error(String(error), { cause: error });
  }
}

const maxBatchRows = 131_072;
