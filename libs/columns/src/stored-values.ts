import {
  dateText,
  decimalText,
  sqlTimeText,
  type Cell,
  type ColumnType,
  type StoredType,
  type StoredValue,
  type TimeUnit,
} from '@sluice/values';
import {
  DataType,
  TimeUnit as ArrowUnit,
  type Decimal,
  type Timestamp,
  type Vector,
} from 'apache-arrow';

const units: Readonly<Record<ArrowUnit, TimeUnit>> = {
  [ArrowUnit.SECOND]: 'seconds',
  [ArrowUnit.MILLISECOND]: 'millis',
  [ArrowUnit.MICROSECOND]: 'micros',
  [ArrowUnit.NANOSECOND]: 'nanos',
};

/** Returns the type of the values of an Arrow column. */
export function storedType(type: DataType): StoredType {
  if (DataType.isDictionary(type)) return storedType(type.dictionary as DataType);
  if (DataType.isInt(type)) return { kind: 'integer' };
  if (DataType.isFloat(type)) return { kind: 'double' };
  if (DataType.isBool(type)) return { kind: 'boolean' };
  if (DataType.isDecimal(type)) return { kind: 'decimal', scale: type.scale };
  if (DataType.isDate(type)) return { kind: 'date' };
  if (DataType.isTimestamp(type)) return { kind: 'timestamp', unit: units[type.unit] };
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return { kind: 'string' };
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type))
    return { kind: 'bytes' };
  return { kind: 'opaque' };
}

const msPerDay = 86_400_000;

/** Returns a function that reads a value, which must not be null, of one chunk's column in full precision. */
export function storedValues(vector: Vector): (row: number) => StoredValue {
  const type = vector.type as DataType;
  if (DataType.isDecimal(type)) return unscaledValues(vector, type);
  if (DataType.isTimestamp(type)) {
    const times = (vector as Vector<Timestamp>).data[0]?.values as BigInt64Array;
    return (row) => times[row] ?? 0n;
  }
  if (DataType.isDate(type)) return (row) => Math.floor((vector.get(row) as number) / msPerDay);
  return (row) => vector.get(row) as StoredValue;
}

function unscaledValues(vector: Vector, { bitWidth }: Decimal): (row: number) => bigint {
  return (row) => {
    const words = vector.get(row) as Uint32Array;
    let unscaled = 0n;
    for (let word = words.length - 1; word >= 0; word--)
      unscaled = (unscaled << 32n) | BigInt(words[word] ?? 0);
    return BigInt.asIntN(bitWidth, unscaled);
  };
}

/** Converts a cell to the form that {@link arrowColumn} takes, which is also the ingest's, with every digit. */
export function columnValue(cell: Cell, type: ColumnType): unknown {
  if (cell === null) return null;
  switch (type.kind) {
    case 'date':
      return dateText(cell as number);
    case 'timestamp':
      return sqlTimeText(cell as bigint, 'micros', 6);
    case 'decimal':
      return decimalText(cell as bigint, type.scale);
    case 'array':
      return (cell as readonly Cell[]).map((item) => columnValue(item, type.items));
    default:
      return cell;
  }
}
