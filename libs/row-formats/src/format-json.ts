import { jsonText } from '@sluice/values';
import { takeWhileFits, type Format, type Row, type RowColumn } from './format';

/** Returns a function that writes a row as a JSON object. Build it once for each answer. */
export function rowWriter(columns: readonly RowColumn[]): (row: Row) => string {
  const members = columns.map(({ name, type }, index) => ({
    name: `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
    type,
  }));
  return ({ cells }) => {
    let text = '{';
    members.forEach(({ name, type }, index) => {
      text += name + jsonText(cells[index] ?? null, type);
    });
    return `${text}}`;
  };
}

export const jsonFormat: Format = {
  mediaType: 'application/json',
  schema: {
    type: 'object',
    properties: {
      rows: { type: 'array', items: { type: 'object' } },
      count: { type: 'integer' },
      cursor: { type: 'string', nullable: true },
      message: { type: 'string' },
    },
  },
  write(rows, columns, maxBytes) {
    const texts = takeWhileFits(rows, rowWriter(columns), maxBytes);
    const count = texts.length;
    return {
      count,
      body: (members) =>
        `{"rows":[${texts.join(',')}],${JSON.stringify({ count, ...members }).slice(1)}`,
    };
  },
};

export const ndjsonFormat: Format = {
  mediaType: 'application/x-ndjson',
  schema: { type: 'string' },
  write(rows, columns, maxBytes) {
    const texts = takeWhileFits(rows, rowWriter(columns), maxBytes);
    return { count: texts.length, body: () => texts.map((text) => `${text}\n`).join('') };
  },
};
