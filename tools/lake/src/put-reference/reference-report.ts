import { counted } from '@sluice/values/figures';
import { printable } from '@sluice/terminal/printable-text';
import { glueType, type ColumnType } from '@sluice/event-schema';
import { terminalColumns, wrapText } from '@sluice/terminal';
import Table from 'cli-table3';

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
  /** Number of rows of the file that are left out, because they name people who were erased with `suppress`. */
  readonly suppressedRows: number;
}

const maxColumns = 200;
const maxLeftOut = 20;

/** Smallest width of a column of words; below it, wrapped lines are easier to read. */
const minWidth = 12;

/**
 * Draws the table of columns within a terminal's width: first the reasons are wrapped between words, then the widest
 * column.
 */
function columnTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // A space on each side.
  const widths = head.map(
    (name, index) => 2 + Math.max(name.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const reasons = widths.length - 1;
  // A line between the columns, and one at each end.
  const tooWide = (): number => widths.reduce((sum, width) => sum + width + 1, 1) - terminalColumns;
  const isBroken = tooWide() > 0;
  if (isBroken) widths[reasons] = Math.max(minWidth, (widths[reasons] ?? 0) - tooWide());
  while (tooWide() > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const before = widths[widest] ?? 0;
    if (before <= minWidth) break;
    widths[widest] = before - 1;
  }
  const table = new Table({
    head: [...head],
    style: { head: [], border: [] },
    // No lines between the rows.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    ...(isBroken && { colWidths: widths, wordWrap: true, wrapOnWordBoundary: true }),
  });
  for (const row of rows)
    table.push(row.map((cell, index) => breakable(cell, (widths[index] ?? 0) - 2)));
  return table.toString();
}

/** Returns a text in which no word is longer than a line; the table would cut off a longer one. */
const breakable = (text: string, width: number): string =>
  text.replace(new RegExp(`\\S{${width}}(?=\\S)`, 'gu'), '$& ');

/** Writes the report for a person: a table of the columns. */
export function renderReferenceReport({
  name,
  key,
  rows,
  bytes,
  columns,
  leftOut,
  suppressedRows,
}: ReferenceReport): string {
  // Most files name their columns like the table.
  const hasOtherNames = columns.some(({ column, path }) => column !== path);
  const table = columnTable(
    ['column', 'type', 'nulls', ...(hasOtherNames ? ['of the file'] : []), 'why'],
    columns
      .slice(0, maxColumns)
      .map(({ column, path, type, nulls, reason }) => [
        column,
        glueType(type),
        String(nulls),
        ...(hasOtherNames ? [printable(path)] : []),
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
    ...(suppressedRows > 0
      ? [
          wrapText(
            `left out: ${suppressedRows} ${suppressedRows === 1 ? 'row that names a person who was' : 'rows that name people who were'} erased for good; take them out of the source of the file as well`,
          ),
        ]
      : []),
    `${name}: ${counted(rows, 'row')}, ${counted(columns.length, 'column')}, ${key === undefined ? 'no key' : `key ${printable(key)}`}, ${bytes} bytes as Parquet`,
  ];
  return lines.join('\n');
}
