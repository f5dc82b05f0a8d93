import type { ColumnType } from '@sluice/event-schema';
import type { Cell, Row, RowColumn } from './cell';
import { dateText, decimalText, timestampText } from './cell-text';
import type { Format } from './format';

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

/** JSON text of a cell. Integers beyond 2^53 are strings, so that no reader rounds them. */
export function jsonText(cell: Cell, type: ColumnType): string {
  if (cell === null) return 'null';
  switch (type.kind) {
    case 'bigint': {
      const value = cell as bigint;
      return value <= maxSafe && value >= -maxSafe ? String(value) : `"${value}"`;
    }
    case 'double':
      if (Object.is(cell, -0)) return '-0.0';
      // JSON has no NaN and no infinities.
      return Number.isFinite(cell) ? String(cell) : `"${String(cell)}"`;
    case 'boolean':
      return String(cell);
    case 'date':
      return `"${dateText(cell as number)}"`;
    case 'timestamp':
      return `"${timestampText(cell as bigint, type.digits)}"`;
    case 'decimal':
      return `"${decimalText(cell as bigint, type.scale)}"`;
    case 'array':
      return `[${(cell as readonly Cell[]).map((item) => jsonText(item, type.items)).join(',')}]`;
    case 'string':
    case 'json':
      return JSON.stringify(cell);
  }
}

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
