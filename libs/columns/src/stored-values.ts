import {
  widening,
  type Cell,
  type ColumnType,
  type StoredType,
  type StoredValue,
} from '@sluice/values';
import {
  DataType,
  Precision,
  TimeUnit,
  type Decimal,
  type Timestamp,
  type Vector,
} from 'apache-arrow';

const units = {
  [TimeUnit.SECOND]: 'seconds',
  [TimeUnit.MILLISECOND]: 'millis',
  [TimeUnit.MICROSECOND]: 'micros',
  [TimeUnit.NANOSECOND]: 'nanos',
} as const;

/** Returns what the values of an Arrow column are; lists, structs and maps are `opaque`. */
export function storedType(type: DataType): StoredType {
  if (DataType.isInt(type)) return { kind: 'integer' };
  if (DataType.isFloat(type))
    return { kind: type.precision === Precision.DOUBLE ? 'double' : 'float' };
  if (DataType.isBool(type)) return { kind: 'boolean' };
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return { kind: 'string' };
  if (DataType.isDictionary(type)) return storedType(type.dictionary as DataType);
  if (DataType.isBinary(type) || DataType.isLargeBinary(type)) return { kind: 'bytes' };
  if (DataType.isDate(type)) return { kind: 'date' };
  if (DataType.isTimestamp(type)) return { kind: 'timestamp', unit: units[type.unit] };
  if (DataType.isDecimal(type)) return { kind: 'decimal', scale: type.scale };
  return { kind: 'opaque' };
}

const msPerDay = 86_400_000;

/** Returns what reads a value, not null, of an Arrow column of one piece, in full precision. */
export function storedReader(vector: Vector): (row: number) => StoredValue {
  const type = vector.type as DataType;
  const get = (row: number): unknown => vector.get(row);
  if (DataType.isDate(type)) return (row) => Math.floor(Number(get(row)) / msPerDay);
  if (DataType.isTimestamp(type)) {
    // Arrow's own reader makes a number of it.
    const values = (vector as Vector<Timestamp>).data[0]?.values as BigInt64Array;
    return (row) => values[row] ?? 0n;
  }
  if (DataType.isDecimal(type)) return (row) => unscaled(get(row) as Uint32Array, type);
  return get as (row: number) => StoredValue;
}

/** @param words the lowest first */
function unscaled(words: Uint32Array, { bitWidth }: Decimal): bigint {
  let value = 0n;
  for (let word = words.length - 1; word >= 0; word--)
    value = (value << 32n) | BigInt(words[word] ?? 0);
  return BigInt.asIntN(bitWidth, value);
}

/**
 * Returns what reads the cells of a table's column from an Arrow column that any writer may have made.
 *
 * @returns undefined where values of the one type are never values of the other
 * @throws MisfitError, from what is returned, at a value that the column can't hold
 */
export function cellReader(vector: Vector, type: ColumnType): ((row: number) => Cell) | undefined {
  const from = vector.type as DataType;
  if (type.kind === 'array') {
    if (!DataType.isList(from) || !widening(storedType(from.valueType as DataType), type.items))
      return undefined;
    return (row) => {
      const items = vector.get(row) as Vector | null;
      const read = items && cellReader(items, type.items);
      return items && read ? Array.from({ length: items.length }, (_, item) => read(item)) : null;
    };
  }
  const widen = widening(storedType(from), type);
  if (!widen) return undefined;
  const read = storedReader(vector);
  return (row) => (vector.isValid(row) ? widen(read(row)) : null);
}
