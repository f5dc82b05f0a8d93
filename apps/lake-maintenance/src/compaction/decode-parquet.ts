import { readParquet } from 'parquet-wasm';

const maxBatchRows = 131_072;

/**
 * Rows of a Parquet file as Arrow's IPC stream.
 *
 * @param rowGroups their numbers; all where none are named
 * @param columns their names; all where none are named
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
