import type { Column } from '@sluice/event-schema';
import { isBooleanText, isNumberText, timeInUtc } from './csv-column-type';

type CellColumn = Pick<Column, 'path' | 'type' | 'nullable'>;

/** An object of the row: its members are objects, or cells by their position. */
interface RowObject {
  readonly members: Map<string, RowObject | number>;
}

/**
 * Makes a function that writes the cells of a record as a JSON object, each at the path of its column and in the form of its type.
 * A cell that has not that form is written as a text, for the schema to refuse. An empty one is null where the column may be null,
 * and absent elsewhere.
 *
 * @param columns of each cell; undefined where it goes nowhere
 */
export function jsonRowWriter(
  columns: readonly (CellColumn | undefined)[],
): (cells: readonly string[]) => string {
  const root: RowObject = { members: new Map() };
  columns.forEach((column, index) => {
    if (!column) return;
    let object = root;
    for (const step of column.path.slice(0, -1)) {
      const known = object.members.get(step);
      const next = typeof known === 'object' ? known : { members: new Map() };
      object.members.set(step, next);
      object = next;
    }
    object.members.set(column.path.at(-1) ?? '', index);
  });

  const write = (object: RowObject, cells: readonly string[]): string => {
    const written: string[] = [];
    for (const [name, member] of object.members) {
      const text =
        typeof member === 'number'
          ? cellJson(cells[member] ?? '', columns[member])
          : write(member, cells);
      if (text !== undefined && text !== '{}') written.push(`${JSON.stringify(name)}:${text}`);
    }
    return `{${written.join(',')}}`;
  };
  return (cells) => write(root, cells);
}

function cellJson(cell: string, column: CellColumn | undefined): string | undefined {
  if (!column) return undefined;
  if (cell === '') return column.nullable ? 'null' : undefined;
  switch (column.type.kind) {
    case 'bigint':
    case 'double':
    case 'decimal':
      return isNumberText(cell) ? cell : JSON.stringify(cell);
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

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
