import { glueType, type ColumnType } from '@sluice/event-schema';
import Table from 'cli-table3';
import { printable } from './problem-list';

/** What a reference table was made of: plain data. */
export interface ReferenceReport {
  readonly name: string;
  /** Path of the key, checked to be unique. */
  readonly key: string | undefined;
  readonly rows: number;
  /** Of the Parquet file. */
  readonly bytes: number;
  readonly columns: readonly {
    readonly column: string;
    /** What the file or the definition calls it. */
    readonly path: string;
    readonly type: ColumnType;
    /** Rows in which it is null. */
    readonly nulls: number;
    readonly reason: string;
  }[];
  /** Values of the file that have no column, since the definition does not name them. */
  readonly leftOut: readonly { readonly path: string; readonly rows: number }[];
}

const maxColumns = 200;
const maxLeftOut = 20;

/** The report for a person: a table of the columns. */
export function renderReferenceReport({
  name,
  key,
  rows,
  bytes,
  columns,
  leftOut,
}: ReferenceReport): string {
  const table = new Table({
    head: ['column', 'type', 'nulls', 'of the file', 'why'],
    style: { head: [], border: [] },
    // No lines between the rows.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const { column, path, type, nulls, reason } of columns.slice(0, maxColumns))
    table.push([column, glueType(type), nulls, printable(path), printable(reason)]);
  const more = columns.length - maxColumns;
  const lines = [
    table.toString(),
    ...(more > 0 ? [`and ${more} more columns`] : []),
    ...leftOut
      .slice(0, maxLeftOut)
      .map(
        ({ path, rows: count }) =>
          `left out: ${printable(path)} (in ${count} rows), which the definition does not name`,
      ),
    ...(leftOut.length > maxLeftOut
      ? [`left out: ${leftOut.length - maxLeftOut} more members`]
      : []),
    `${name}: ${rows} rows, ${columns.length} columns, ${key === undefined ? 'no key' : `key ${printable(key)}`}, ${bytes} bytes as Parquet`,
  ];
  return lines.join('\n');
}
