import type { Column } from '@sluice/event-schema';
import { arrowType } from '@sluice/event-schema/arrow';
import { MisfitError, type ColumnType } from '@sluice/values';
import { DataType, Type, util, Vector, type Data } from 'apache-arrow';
import { arrowColumn } from './arrow-column';
import { cellWriter } from './column-values';
import { cellReader } from './stored-values';

/** A column of a file can't be read as what the schema says. */
export class CastError extends Error {
  override readonly name = 'CastError';
  constructor(column: string, from: string, to: ColumnType, detail: string) {
    super(`column ${column} is ${from} and can't be read as ${to.kind}: ${detail}`);
  }
}

/**
 * Returns the values of a chunk as a column of the current schema, in exactly Arrow's type for it; the chunk itself where it is that
 * already. What an earlier version of the schema, Hive or Spark wrote narrower or in another unit is widened as `widening` of
 * `@sluice/values` says.
 *
 * @throws CastError where a value has no place in the column's type
 */
export function castColumn(data: Data, { name, type }: Pick<Column, 'name' | 'type'>): Data {
  if (data.offset === 0 && isType(data.type, type)) return data;
  const refuse = (detail: string): CastError =>
    new CastError(name, Type[data.type.typeId], type, detail);
  const read = cellReader(new Vector([data]), type);
  if (!read) throw refuse('the types do not go together');
  const column = arrowColumn(type, cellWriter);
  try {
    for (let row = 0; row < data.length; row++) {
      const fault = column.push(read(row));
      if (fault !== undefined) throw refuse(fault);
    }
  } catch (error) {
    throw error instanceof MisfitError ? refuse(error.message) : error;
  }
  return column.finish();
}

/** Decides whether the values lie in memory as the column wants them. A time zone and a list's item name change nothing there. */
function isType(from: DataType, type: ColumnType): boolean {
  const to = arrowType(type);
  if (type.kind === 'array')
    return DataType.isList(from) && isType(from.valueType as DataType, type.items);
  if (DataType.isTimestamp(from)) return DataType.isTimestamp(to) && from.unit === to.unit;
  // Arrow's own comparison takes decimals of any scale for the same type.
  if (DataType.isDecimal(from))
    return (
      type.kind === 'decimal' &&
      from.bitWidth === 128 &&
      from.scale === type.scale &&
      from.precision <= type.precision
    );
  return util.compareTypes(from, to);
}
