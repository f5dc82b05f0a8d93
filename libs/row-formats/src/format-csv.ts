import { jsonText, type Cell, type ColumnType } from '@sluice/values';
import { takeWhileFits, type Format, type Row, type RowColumn } from './format';

/**
 * Matches the first character of a text that a spreadsheet may take for a formula or a control character. Source:
 * OWASP, "CSV Injection".
 */
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/;

/** Returns the text with an apostrophe in front where a spreadsheet may take it for a formula, else as it is. */
export const neutralisedText = (text: string): string =>
  formulaStart.test(text) ? `'${text}` : text;

/**
 * Writes one field; null is an empty one. Quotes a text where RFC 4180 asks for it, and where it is empty, because it
 * would otherwise be taken for null.
 */
export const csvField = (text: string | null): string => {
  if (text === null) return '';
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

function csvCell(cell: Cell, type: ColumnType, neutralises: boolean): string {
  if (cell === null) return '';
  const json = jsonText(cell, type);
  const isText = type.kind !== 'array' && json.startsWith('"');
  const exact = isText ? (JSON.parse(json) as string) : json;
  const text = neutralises && type.kind === 'string' ? neutralisedText(exact) : exact;
  return csvField(text);
}

/** CSV with a header line, then one line for each row; null is an empty field, an empty text is `""`. */
export const csvFormat: Format = csvWith(false);

/**
 * CSV like {@link csvFormat}, for people who open it in a spreadsheet: a text that would be taken for a formula gets
 * an apostrophe in front, which changes the text. Numbers and times are unchanged.
 */
export const spreadsheetCsvFormat: Format = csvWith(true);

/** Returns a function that writes a row as a line of CSV, without its end. */
export const csvRowWriter =
  (columns: readonly Pick<RowColumn, 'type'>[], neutralises = false): ((row: Row) => string) =>
  ({ cells }) =>
    columns.map(({ type }, index) => csvCell(cells[index] ?? null, type, neutralises)).join(',');

function csvWith(neutralises: boolean): Format {
  return {
    mediaType: 'text/csv',
    schema: { type: 'string' },
    write(rows, columns, maxBytes) {
      const header = columns.map(({ name }) => name).join(',');
      const lines = takeWhileFits(rows, csvRowWriter(columns, neutralises), maxBytes);
      const text = [header, ...lines].map((line) => `${line}\r\n`).join('');
      return { count: lines.length, body: () => text };
    },
  };
}
