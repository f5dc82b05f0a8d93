import type { Column } from '@sluice/event-schema';
import { arrowType } from '@sluice/event-schema/arrow';
import {
  floorDivide,
  MisfitError,
  widening,
  type ColumnType,
  type TimestampDigits,
} from '@sluice/values';
import {
  DataType,
  makeData,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimeUnit,
  Type,
  util,
  Vector,
  type Data,
} from 'apache-arrow';
import { arrowColumn } from './arrow-column';
import { columnValue, storedType, storedValues } from './stored-values';

/** Error for a column of a file that can't be read as the type in the schema. */
export class CastError extends Error {
  override readonly name = 'CastError';
  constructor(column: string, from: string, to: ColumnType, detail: string) {
    super(`column ${column} is ${from} and can't be read as ${to.kind}: ${detail}`);
  }
}

/**
 * Returns the values of a chunk as a column of the current schema, in exactly Arrow's type for it; returns the chunk
 * itself where it has that type already.
 *
 * Widens what an earlier version of the schema, Hive or Spark wrote in a narrower type or another unit. Only times
 * lose anything: digits beyond the column's are cut off, as the ingest does. Integers and decimals become doubles
 * only where a double holds them.
 *
 * @throws CastError where the column's type can't hold a value
 */
export function castColumn(data: Data, { name, type }: Pick<Column, 'name' | 'type'>): Data {
  const from = data.type;
  if (data.offset === 0 && isType(from, type)) return data;
  if (data.offset === 0 && DataType.isTimestamp(from) && type.kind === 'timestamp')
    return castTimestamp(data, from.unit, type.digits);
  return convert(
    new Vector([data]),
    type,
    (detail) => new CastError(name, Type[from.typeId], type, detail),
  );
}

type Refuse = (detail: string) => Error;

/**
 * Decides whether the values lie in memory as the column needs them. A time zone and the name of a list's items make
 * no difference.
 */
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

function convert(vector: Vector, type: ColumnType, refuse: Refuse): Data {
  if (type.kind === 'array') return convertList(vector, type, refuse);
  const value = valueReader(vector, type, refuse);
  const column = arrowColumn(type);
  for (let row = 0; row < vector.length; row++) {
    const fault = column.push(vector.isValid(row) ? value(row) : null);
    if (fault !== undefined) throw refuse(fault);
  }
  return column.finish();
}

/** Returns a function that reads a value, which must not be null, in the form that {@link arrowColumn} takes. */
function valueReader(vector: Vector, type: ColumnType, refuse: Refuse): (row: number) => unknown {
  const toCell = widening(storedType(vector.type as DataType), type);
  if (!toCell) throw refuse('the types do not go together');
  const value = storedValues(vector);
  return (row) => {
    try {
      return columnValue(toCell(value(row)), type);
    } catch (error) {
      if (!(error instanceof MisfitError)) throw error;
      throw refuse(`there is ${error.message}`);
    }
  };
}

function convertList(
  vector: Vector,
  type: ColumnType & { readonly kind: 'array' },
  refuse: Refuse,
): Data {
  if (!DataType.isList(vector.type)) throw refuse('it is no list');
  const column = arrowColumn(type);
  for (let row = 0; row < vector.length; row++) {
    const items = vector.get(row) as Vector | null;
    const value = items && valueReader(items, type.items, refuse);
    const fault = column.push(
      items && value
        ? Array.from({ length: items.length }, (_, item) =>
            items.isValid(item) ? value(item) : null,
          )
        : null,
    );
    if (fault !== undefined) throw refuse(fault);
  }
  return column.finish();
}

const unitsPerSecond: Readonly<Record<TimeUnit, bigint>> = {
  [TimeUnit.SECOND]: 1n,
  [TimeUnit.MILLISECOND]: 1_000n,
  [TimeUnit.MICROSECOND]: 1_000_000n,
  [TimeUnit.NANOSECOND]: 1_000_000_000n,
};

/** Converts times to another unit, rounded down. */
function castTimestamp(data: Data, from: TimeUnit, digits: TimestampDigits): Data {
  const type = digits > 3 ? new TimestampMicrosecond() : new TimestampMillisecond();
  const values = data.values as BigInt64Array;
  const finer = unitsPerSecond[from] / unitsPerSecond[type.unit];
  const coarser = unitsPerSecond[type.unit] / unitsPerSecond[from];
  const cast = new BigInt64Array(data.length);
  for (let row = 0; row < data.length; row++) {
    const value = values[row] ?? 0n;
    cast[row] = coarser > 0n ? value * coarser : floorDivide(value, finer);
  }
  const { length, nullCount, nullBitmap } = data;
  return makeData({ type, length, nullCount, nullBitmap, data: cast });
}
