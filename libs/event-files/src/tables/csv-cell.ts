import type { Column } from '@sluice/event-schema';
import { isJsonNumber } from '@sluice/values';
import { isBooleanText, timeInUtc } from './cell-text';

/** The part of a column that writing a cell needs. */
export type CellColumn = Pick<Column, 'path' | 'type' | 'nullable' | 'required'>;

/**
 * Writes a cell as JSON text, in the form of its column's type. One that has not that form is written as a text, for the schema to refuse.
 * An empty one is null where the column may be null; the empty text where it must have a text; and undefined, for absent, elsewhere.
 */
export function cellJson(
  cell: string,
  { type, nullable, required }: CellColumn,
): string | undefined {
  if (cell === '') {
    if (nullable) return 'null';
    return required && type.kind === 'string' ? '""' : undefined;
  }
  switch (type.kind) {
    case 'bigint':
    case 'double':
    case 'decimal':
      return isJsonNumber(cell) ? cell : JSON.stringify(cell);
    case 'boolean':
      return isBooleanText(cell) ? cell.toLowerCase() : JSON.stringify(cell);
    case 'timestamp':
      return JSON.stringify(timeInUtc(cell) ?? cell);
    case 'array':
    case 'json':
      return isJson(cell) ? cell : JSON.stringify(cell);
    default:
      return JSON.stringify(cell);
  }
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
