import { createRowTableBuilder } from '@sluice/columns';
import type { Column } from '@sluice/event-schema';
import { bytesSource, readFooter } from '@sluice/parquet-reading';
import { referenceLayout, streamParquet } from '@sluice/parquet-writing';
import type { Table } from 'apache-arrow';

/** Limits of what is collected before it is written: rows, and characters of text. */
const batchRows = 16_384;
const batchCharacters = 16 * 1024 * 1024;

/** Largest size of a file in bytes; one PUT and memory can easily hold it. */
const maxFileBytes = 1024 ** 3;

export interface TypedRow {
  readonly row: Readonly<Record<string, unknown>>;
  /** Approximate memory of a row, in characters. */
  readonly characters: number;
}

/** Rows column by column, or one by one. */
export type TypedBatch =
  | {
      readonly rows: number;
      /** Values of each column, by its name. */
      readonly columns: ReadonlyMap<string, readonly unknown[]>;
      /** Approximate memory of the rows, in characters. */
      readonly characters: number;
    }
  | readonly TypedRow[];

export interface TableFile {
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** Number of rows in which a column is null, by column. */
  readonly nulls: ReadonlyMap<string, number>;
}

/** Error for rows that would take more than {@link maxFileBytes}. */
export class TableTooLargeError extends Error {
  override readonly name = 'TableTooLargeError';
}

/**
 * Writes rows as one Parquet file. Memory holds some batches and the compressed file.
 *
 * @throws TableTooLargeError
 */
export async function writeTableFile(
  columns: readonly Column[],
  batches: AsyncIterable<TypedBatch>,
): Promise<TableFile> {
  const nulls = new Map(columns.map(({ name }) => [name, 0]));
  let rowCount = 0;
  const counted = async function* (): AsyncGenerator<Table> {
    for await (const table of tables(columns, batches)) {
      rowCount += table.numRows;
      for (const { name } of columns)
        nulls.set(name, (nulls.get(name) ?? 0) + (table.getChild(name)?.nullCount ?? 0));
      yield table;
    }
  };
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of streamParquet(counted(), referenceLayout)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxFileBytes)
      throw new TableTooLargeError(
        `the table takes more than ${maxFileBytes / 1024 ** 3} GiB as Parquet; a table of that size is a matter for an event type`,
      );
  }
  const bytes = Buffer.concat(chunks);
  const written = await readFooter(bytesSource(bytes));
  if (written.rows !== rowCount)
    throw new Error(`the file written has ${written.rows} rows of ${rowCount}`);
  return { bytes, rows: rowCount, nulls };
}

async function* tables(
  columns: readonly Column[],
  batches: AsyncIterable<TypedBatch>,
): AsyncGenerator<Table> {
  const builder = createRowTableBuilder(columns);
  let characters = 0;
  let isFirst = true;
  for await (const batch of batches) {
    const parts = 'columns' in batch ? [batch] : batch;
    for (const part of parts) {
      const fault =
        'row' in part ? builder.append(part.row) : builder.appendColumns(part.rows, part.columns);
      if (fault)
        throw new Error(
          `a row that fits the schema has no column: ${fault.column} ${fault.detail}`,
        );
      characters += part.characters;
      if (builder.rowCount < batchRows && characters < batchCharacters) continue;
      yield builder.finish();
      characters = 0;
      isFirst = false;
    }
  }
  if (isFirst || builder.rowCount > 0) yield builder.finish();
}
