import type { ColumnType } from '@sluice/event-schema';
import type { Cell } from './cell';
import type { Format } from './format';
import { jsonText, takeWhileFits } from './format-json';

/** Quotes where RFC 4180 asks for it, and an empty text so that it is not taken for null. */
function csvField(cell: Cell, type: ColumnType): string {
  if (cell === null) return '';
  const json = jsonText(cell, type);
  const text =
    type.kind === 'array' ? json : json.startsWith('"') ? (JSON.parse(json) as string) : json;
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A header line, then a line a row; null is an empty field, an empty text is `""`. */
export const csvFormat: Format = {
  mediaType: 'text/csv',
  write(rows, columns, maxBytes) {
    const header = columns.map(({ name }) => name).join(',');
    const lines = takeWhileFits(
      rows,
      ({ cells }) =>
        columns.map(({ type }, index) => csvField(cells[index] ?? null, type)).join(','),
      maxBytes,
    );
    const text = [header, ...lines].map((line) => `${line}\r\n`).join('');
    return { count: lines.length, body: () => text };
  },
};
