// A separate entry point (@sluice/row-formats/parquet): rows of Parquet files as a table's cells, whatever definition the file was written by.
import { unmappedColumn, type Column } from '@sluice/event-schema';
import {
  columnNamed,
  planKeyRead,
  readKeyGroups,
  readRows,
  type ByteSource,
  type KeyQuery,
  type KeyRow,
  type ParquetFooter,
  type ReadOptions,
} from '@sluice/parquet-reading';
import type { Cell } from '@sluice/values';
import { cellReader } from './cell-reader';
import type { Row } from './format';
import { canRead, unnamedColumns, withUnnamedValues } from './unnamed-values';

export { cellReader, ColumnTypeError, type ToCell } from './cell-reader';
export { canRead, unnamedColumns, withUnnamedValues, type UnnamedColumn } from './unnamed-values';

export interface TableRowsOptions extends ReadOptions {
  /** Reads the rows that have one of some values in a column, and skips row groups that can't have them. @default all rows */
  readonly only?: Pick<KeyQuery, 'keyColumn' | 'keys' | 'anyCase'>;
}

/**
 * Reads the rows of a file as cells of a table's columns. Values that the table has no column for are kept in
 * `unmapped`.
 *
 * @throws ParquetError where the file is damaged
 */
export async function* tableRows(
  source: ByteSource,
  footer: ParquetFooter,
  columns: readonly Column[],
  { only, ...options }: TableRowsOptions = {},
): AsyncGenerator<Row> {
  const places = new Map(footer.columns.map(({ name }, index) => [name, index]));
  const readers = columns.map((column) => {
    const shape = columnNamed(footer, column.name)?.shape;
    const place = shape && canRead(column, shape) ? places.get(column.name) : undefined;
    return { place, read: cellReader(column, place === undefined ? undefined : shape) };
  });
  const unmappedAt = columns.findIndex(({ name }) => name === unmappedColumn.name);
  const unnamed = unmappedAt < 0 ? [] : unnamedColumns(footer.columns, columns);
  const batches = only
    ? chosenRows(source, footer, only, options)
    : readRows(source, footer, options);
  for await (const rows of batches)
    for (const row of rows) {
      const cells = readers.map(({ place, read }): Cell =>
        place === undefined ? null : read(row[place] ?? null),
      );
      if (unnamed.length > 0)
        cells[unmappedAt] = withUnnamedValues(
          cells[unmappedAt] as string | null,
          unnamed,
          unnamed.map(({ name }) => row[places.get(name) ?? -1] ?? null),
        );
      yield { cells };
    }
}

/** Yields the rows that have one of some values in a column, with the values of every column of the file. */
async function* chosenRows(
  source: ByteSource,
  footer: ParquetFooter,
  only: NonNullable<TableRowsOptions['only']>,
  options: ReadOptions,
): AsyncGenerator<readonly KeyRow[]> {
  const columns = footer.columns.map(({ name }) => name);
  const plan = planKeyRead(footer, { ...only, columns });
  for await (const { rows } of readKeyGroups(source, footer, plan, options)) yield rows;
}
