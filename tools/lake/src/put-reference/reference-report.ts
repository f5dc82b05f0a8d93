import { glueType, type ColumnType } from '@sluice/event-schema';
import { terminalColumns } from '@sluice/terminal';
import Table from 'cli-table3';
import { printable } from './problem-list';

/** Description of how a reference table was made, as plain data. */
export interface ReferenceReport {
  readonly name: string;
  /** Path of the key, which was checked to be unique. */
  readonly key: string | undefined;
  readonly rows: number;
  /** Size of the Parquet file in bytes. */
  readonly bytes: number;
  readonly columns: readonly {
    readonly column: string;
    /** Name of the column in the file or the definition. */
    readonly path: string;
    readonly type: ColumnType;
    /** Number of rows in which it is null. */
    readonly nulls: number;
    readonly reason: string;
  }[];
  /** Values of the file without a column, because the definition does not name them. */
  readonly leftOut: readonly { readonly path: string; readonly rows: number }[];
}

const maxColumns = 200;
const maxLeftOut = 20;

const head = ['column', 'type', 'nulls', 'of the file', 'why'];
/** Smallest width of a column of words; below it, wrapped lines are easier to read. */
const minReasonWidth = 12;

/** Draws the table of columns within a terminal's width, if names and types leave enough room for the reasons. */
function columnTable(rows: readonly (readonly string[])[]): string {
  // A space on each side, and a line between the columns.
  const widths = head.map(
    (name, index) => 2 + Math.max(name.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width + 1, 1);
  const [reasons = 0] = widths.slice(-1);
  const left = terminalColumns - others - 1;
  const table = new Table({
    head,
    style: { head: [], border: [] },
    // No lines between the rows.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    ...(reasons > left && {
      colWidths: [...widths.slice(0, -1), Math.max(minReasonWidth, left)],
      wordWrap: true,
    }),
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** Writes the report for a person, with a table of the columns. */
export function renderReferenceReport({
  name,
  key,
  rows,
  bytes,
  columns,
  leftOut,
}: ReferenceReport): string {
  const table = columnTable(
    columns
      .slice(0, maxColumns)
      .map(({ column, path, type, nulls, reason }) => [
        column,
        glueType(type),
        String(nulls),
        printable(path),
        printable(reason),
      ]),
  );
  const more = columns.length - maxColumns;
  const lines = [
    table,
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
