import type { Column } from '@sluice/event-schema';
import { isJsonNumber } from '@sluice/values';
import { isJson } from '../json-texts';
import { isBooleanText, timeInUtc } from './cell-text';

/** The part of a column that is needed to write a cell. */
export type CellColumn = Pick<Column, 'path' | 'type' | 'nullable' | 'required'>;

/**
 * Writes a cell as JSON text in the form of its column's type. A cell of another form is written as a text, which the
 * schema then refuses. An empty cell becomes null where the column allows null, the empty text where the column
 * requires a text, and undefined (absent) elsewhere.
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
