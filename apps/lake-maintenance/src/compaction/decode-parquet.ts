import { readParquet } from 'parquet-wasm';

const maxBatchRows = 131_072;

/**
 * Decodes the rows of a Parquet file to Arrow's IPC stream.
 *
 * @param rowGroups numbers of row groups; by default all
 * @param columns names of columns; by default all
 * @throws Error where the file is broken
 */
export function decodeParquet(
  bytes: Uint8Array,
  rowGroups?: readonly number[],
  columns?: readonly string[],
): Uint8Array {
  try {
    const options = {
      batchSize: maxBatchRows,
      ...(rowGroups && { rowGroups: [...rowGroups] }),
      ...(columns && { columns: [...columns] }),
    };
    return readParquet(bytes, options).intoIPCStream();
  } catch (error) {
    // parquet-wasm throws strings.
    throw error instanceof Error ? error : new Error(String(error), { cause: error });
  }
}
