import { tableToIPC, type Table } from 'apache-arrow';
import { Table as WasmTable, transformParquetStream, type RecordBatch } from 'parquet-wasm';
import type { ParquetLayout } from './parquet-layout';
import { writerProperties } from './encode-parquet';

/**
 * Writes tables of one schema as one file while they arrive. Memory holds a few tables and one row group, however
 * many rows there are.
 *
 * @param tables at least one, which may have no rows
 */
export async function* streamParquet(
  tables: AsyncIterable<Table>,
  layout: ParquetLayout,
): AsyncGenerator<Uint8Array> {
  // When its source fails, the writer ends as if the source had ended, or throws an error of its own; the caller must
  // get the source's.
  let failure: unknown;
  const batches = async function* (): AsyncGenerator<RecordBatch> {
    try {
      for await (const table of tables) yield* recordBatches(table);
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  try {
    const written = (await transformParquetStream(
      ReadableStream.from(batches()),
      writerProperties(layout),
    )) as ReadableStream<Uint8Array>;
    for await (const chunk of written) yield chunk;
  } catch (error) {
    if (failure !== undefined) throw failure as Error;
    // parquet-wasm throws strings.
    throw error instanceof Error ? error : new Error(String(error), { cause: error });
  }
  if (failure !== undefined) throw failure as Error;
}

function recordBatches(table: Table): readonly RecordBatch[] {
  const copied = WasmTable.fromIPCStream(tableToIPC(table, 'stream'));
  try {
    return copied.recordBatches();
  } finally {
    copied.free();
  }
}
