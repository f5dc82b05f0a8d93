import type { Column, ColumnType } from '@sluice/event-schema';
import type { ParquetValue, Shape } from '@sluice/parquet-reading';
import { MisfitError, widening, type Cell, type StoredValue } from '@sluice/values';

/** Converts a value of a file's column to a cell of the table's column. */
export type ToCell = (value: ParquetValue) => Cell;

/** Error for a file's column whose type the table's column can't be read from. */
export class ColumnTypeError extends Error {
  override readonly name = 'ColumnTypeError';
}

const toNull: ToCell = () => null;

/**
 * Returns a function that reads a file's column as the table's: of the same type, of a narrower one of an older
 * schema (an int widens to bigint, and to double where a double holds the value), or in any unit of time. A column
 * that the file lacks is null.
 */
export function cellReader({ name, type }: Column, shape: Shape | undefined): ToCell {
  if (!shape) return toNull;
  const read = reader(type, shape, name);
  if (!read)
    throw new ColumnTypeError(
      `column "${name}" is ${type.kind} and the file has ${describe(shape)} there`,
    );
  return read;
}

function describe(shape: Shape): string {
  if (shape.kind !== 'value') return `a ${shape.kind}`;
  const { value } = shape.leaf.type;
  return value.kind === 'opaque' ? value.name : value.kind;
}

function reader(type: ColumnType, shape: Shape, name: string): ToCell | undefined {
  if (type.kind === 'array') {
    const read = shape.kind === 'list' ? reader(type.items, shape.item, name) : undefined;
    return read && ((value) => (Array.isArray(value) ? value.map(read) : null));
  }
  const read = shape.kind === 'value' ? widening(shape.leaf.type.value, type) : undefined;
  return (
    read &&
    ((value) => {
      if (value === null) return null;
      try {
        return read(value as StoredValue);
      } catch (error) {
        if (!(error instanceof MisfitError)) throw error;
        const found = `column "${name}" is ${type.kind}, and the file has ${error.message} there`;
        throw new ColumnTypeError(found, { cause: error });
      }
    })
  );
}
