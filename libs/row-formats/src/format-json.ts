import { jsonText } from '@sluice/values';
import type { Format, Row, RowColumn } from './format';

/** Writes rows as JSON objects; made once for an answer. */
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

/**
 * Takes texts while they fit, at least one where there is any. Their bytes are counted as they travel: a body
 * is itself a JSON string in Lambda's answer, so that quotes and backslashes count twice.
 */
export function takeWhileFits(
  rows: readonly Row[],
  write: (row: Row) => string,
  maxBytes: number,
): readonly string[] {
  const texts: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    const text = write(row);
    bytes += Buffer.byteLength(JSON.stringify(text));
    if (bytes > maxBytes && texts.length > 0) break;
    texts.push(text);
  }
  return texts;
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
