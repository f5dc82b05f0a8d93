import { counted, countText } from '@sluice/values/figures';
import { printable } from '@sluice/terminal/printable-text';
import type { DuckDBResult } from '@duckdb/node-api';
import { csvField, neutralisedText } from '@sluice/row-formats';
import { piecesOfWidth, shortened, textWidth } from '@sluice/terminal';
import Table from 'cli-table3';
import { cellJson, cellText, resultRows } from './result-rows';

/** Writes a piece of text. Resolves when further text may be written. */
export type Write = (text: string) => Promise<void>;

/** Largest number of rows that a table shows, since it is for people. */
const maxTableRows = 1000;
/** Largest number of columns of a value in a table. */
const maxCellColumns = 80;
/** Largest number of columns shown of a value on lines of its own. */
const maxValueColumns = 2_000;

/** Writes every value exactly. @returns the number of rows */
export const writeCsv = csvWriter((text) => text);

/**
 * Writes CSV for spreadsheets: texts that one may take for formulas get an apostrophe in front.
 *
 * @returns the number of rows
 */
export const writeNeutralisedCsv = csvWriter(neutralisedText);

/**
 * Returns a writer of CSV (RFC 4180).
 *
 * @param shown converts names and text values; numbers and times are not changed
 */
function csvWriter(
  shown: (text: string) => string,
): (result: DuckDBResult, write: Write) => Promise<number> {
  return async (result, write) => {
    const names = result.columnNames().map((name) => csvField(shown(name)));
    await write(`${names.join(',')}\r\n`);
    let count = 0;
    for await (const row of resultRows(result)) {
      const fields = row.map((cell) =>
        csvField(typeof cell.value === 'string' ? shown(cell.value) : cellText(cell)),
      );
      await write(`${fields.join(',')}\r\n`);
      count++;
    }
    return count;
  };
}

/** Writes one array of objects, with a row in each line. @returns the number of rows */
export async function writeJson(result: DuckDBResult, write: Write): Promise<number> {
  const names = result.deduplicatedColumnNames();
  let count = 0;
  for await (const row of resultRows(result)) {
    const object = Object.fromEntries(
      names.map((name, index) => {
        const cell = row[index];
        return [name, cell ? cellJson(cell) : null];
      }),
    );
    await write(`${count === 0 ? '[' : ','}\n${JSON.stringify(object)}`);
    count++;
  }
  await write(count === 0 ? '[]\n' : '\n]\n');
  return count;
}

/** Layouts of a table; `auto` is a table if it fits the terminal, else one value in each line. */
export const tableLayouts = ['auto', 'table', 'vertical'] as const;
export type TableLayout = (typeof tableLayouts)[number];

export interface TableOptions {
  /** Layout of the rows. @default 'auto' */
  readonly layout?: TableLayout;
  /** Width of the terminal in characters. Omit it where there is no terminal; then `auto` is a table. */
  readonly columns?: number;
}

/**
 * Returns a writer of results for people, which shows the first {@link maxTableRows} rows and the number of all rows.
 * The writer returns that number.
 */
export const tableWriter =
  ({ layout = 'auto', columns }: TableOptions = {}) =>
  async (result: DuckDBResult, write: Write): Promise<number> => {
    const names = result.columnNames().map((name) => shortened(printable(name), maxCellColumns));
    const rows: (readonly string[])[] = [];
    let count = 0;
    for await (const row of resultRows(result)) {
      if (count < maxTableRows)
        rows.push(row.map((cell) => shortened(printable(cellText(cell) ?? ''), maxValueColumns)));
      count++;
    }
    await write(rowsText(names, rows, { layout, ...(columns !== undefined && { columns }) }));
    if (count > maxTableRows)
      await write(
        `The first ${countText(maxTableRows)} of ${counted(count, 'row')}; --format csv or json gives all.\n`,
      );
    else await write(`${counted(count, 'row')}\n`);
    return count;
  };

function rowsText(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  { layout, columns = Infinity }: TableOptions,
): string {
  if (layout === 'vertical') return verticalText(names, rows, columns);
  const table = tableText(names, rows);
  // The first line is the frame, with as many characters as the terminal needs columns.
  const isTooWide = table.indexOf('\n') > columns;
  return layout === 'auto' && isTooWide && rows.length > 0
    ? verticalText(names, rows, columns)
    : table;
}

/** Table characters without the line above a row. */
const noRule = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

function tableText(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: [...names], style: { head: [], border: [] } });
  for (const [index, row] of rows.entries())
    table.push(
      row.map((content) => ({
        content: shortened(content, maxCellColumns),
        // The first row's line is the one below the names.
        ...(index > 0 && { chars: noRule }),
      })),
    );
  return `${table.toString()}\n`;
}

/** Writes each value on a line, long ones on several, below a line with the row's number. */
function verticalText(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  const nameWidth = Math.max(0, ...names.map(textWidth));
  const valueWidth = Math.max(20, columns - nameWidth - 3);
  const ruleWidth = Math.min(columns, 40);
  return rows
    .map((row, index) => {
      const rule = `─── ${index + 1} `;
      const lines = row.flatMap((value, column) =>
        piecesOfWidth(value, valueWidth).map((piece, part) => {
          const name = part === 0 ? (names[column] ?? '') : '';
          return `${' '.repeat(nameWidth - textWidth(name))}${name} │ ${piece}`.trimEnd();
        }),
      );
      return `${[rule.padEnd(ruleWidth, '─'), ...lines].join('\n')}\n`;
    })
    .join('');
}
