import type { ColumnType } from '@sluice/event-schema';
import type { RowColumn } from '@sluice/row-formats';
import { parseDate, parseDecimal, parseTime, type Cell } from '@sluice/values';
import type { ResultColumn } from './query-engine';

/**
 * Returns the type in which a column of a result is answered (Athena user guide: data-types). A column without a
 * corresponding type, such as an array or a time with a zone, stays the text that Athena writes.
 */
function resultType({ type, precision = 0, scale = 0 }: ResultColumn): ColumnType {
  switch (type.toLowerCase()) {
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint':
      return { kind: 'bigint' };
    case 'float':
    case 'real':
    case 'double':
      return { kind: 'double' };
    case 'boolean':
      return { kind: 'boolean' };
    case 'date':
      return { kind: 'date' };
    case 'timestamp':
      return { kind: 'timestamp', digits: precision > 3 ? 6 : 3 };
    case 'decimal':
      return { kind: 'decimal', precision, scale };
    case 'json':
      return { kind: 'json' };
    default:
      return { kind: 'string' };
  }
}

export const resultColumns = (columns: readonly ResultColumn[]): readonly RowColumn[] =>
  columns.map((column) => ({ name: column.name, type: resultType(column) }));

/** Reads a cell. @throws Error where the text is not of the column's type */
export function resultCell(text: string | null, { name, type }: RowColumn): Cell {
  if (text === null) return null;
  const cell = readCell(text, type);
  if (cell === undefined)
    throw new Error(
      `the engine gave ${JSON.stringify(text)} for column "${name}", which is ${type.kind}`,
    );
  return cell;
}

function readCell(text: string, type: ColumnType): Cell | undefined {
  switch (type.kind) {
    case 'bigint':
      return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
    case 'double':
      return text === 'NaN' || !Number.isNaN(Number(text)) ? Number(text) : undefined;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'date':
      return parseDate(text);
    case 'timestamp':
      return parseTime(text);
    case 'decimal':
      return parseDecimal(text, type.scale);
    default:
      return text;
  }
}
