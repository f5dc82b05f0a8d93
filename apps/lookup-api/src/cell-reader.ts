import { isUtf8 } from 'node:buffer';
import { doubleHolds, type Column, type ColumnType } from '@sluice/event-schema';
import type { ParquetValue, Shape, ValueType } from '@sluice/parquet-reading';
import { decimalText, type Cell } from '@sluice/row-formats';

/** Turns values of a file's column into cells of the table's column. */
export type ToCell = (value: ParquetValue) => Cell;

/** A file holds a column in a type that the table's column can't be read from. */
export class ColumnTypeError extends Error {
  override readonly name = 'ColumnTypeError';
}

const toNull: ToCell = () => null;

/**
 * How a file's column is read as the table's: the same type, a narrower one of an older schema (an int widens
 * to bigint, and to double where a double holds the value), or any unit of time. A column the file lacks is null.
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
  const read = shape.kind === 'value' ? scalar(type, shape.leaf.type.value, name) : undefined;
  return read ? (value) => (value === null ? null : read(value)) : undefined;
}

const microsPerDay = 86_400_000_000n;

export const microsOf = {
  millis: (value: bigint) => value * 1000n,
  micros: (value: bigint) => value,
  // Towards the past, so that a time before 1970 is cut the same way.
  nanos: (value: bigint) => (value - (((value % 1000n) + 1000n) % 1000n)) / 1000n,
} as const;

function scalar(
  type: ColumnType,
  stored: ValueType,
  name: string,
): ((value: Exclude<ParquetValue, null>) => Cell) | undefined {
  switch (type.kind) {
    case 'bigint':
      return stored.kind === 'integer' ? (value) => BigInt(value as number | bigint) : undefined;
    case 'double':
      if (stored.kind === 'decimal')
        return (value) => heldNumber(name, decimalText(value as bigint, stored.scale));
      if (stored.kind === 'integer')
        return (value) =>
          typeof value === 'bigint' ? heldNumber(name, String(value)) : Number(value);
      return stored.kind === 'float' || stored.kind === 'double' ? Number : undefined;
    case 'boolean':
      return stored.kind === 'boolean' ? (value) => value as boolean : undefined;
    case 'date':
      return stored.kind === 'date' ? (value) => value as number : undefined;
    case 'timestamp':
      if (stored.kind === 'date') return (value) => BigInt(value as number) * microsPerDay;
      return stored.kind === 'timestamp'
        ? (value) => microsOf[stored.unit](value as bigint)
        : undefined;
    case 'decimal':
      return decimal(type.scale, stored);
    case 'string':
    case 'json':
      return text(stored);
    default:
      return undefined;
  }
}

/** @throws ColumnTypeError where the double would be another number */
function heldNumber(column: string, text: string): number {
  if (!doubleHolds(text))
    throw new ColumnTypeError(
      `column "${column}" is double, and the file has a number there that a double does not hold`,
    );
  return Number(text);
}

function decimal(scale: number, stored: ValueType): ((value: unknown) => Cell) | undefined {
  const storedScale = stored.kind === 'decimal' ? stored.scale : 0;
  if (stored.kind !== 'decimal' && stored.kind !== 'integer') return undefined;
  if (storedScale > scale) return undefined;
  const factor = 10n ** BigInt(scale - storedScale);
  return (value) => BigInt(value as bigint | number) * factor;
}

/** Hive writes strings without saying that they are text. */
function text(stored: ValueType): ((value: unknown) => Cell) | undefined {
  if (['string', 'json', 'uuid'].includes(stored.kind)) return (value) => value as string;
  if (['integer', 'float', 'double', 'boolean'].includes(stored.kind)) return String;
  if (stored.kind === 'bytes')
    return (value) => {
      if (!isUtf8(value as Uint8Array))
        throw new ColumnTypeError('a value of bytes is not UTF-8 text');
      return Buffer.from(value as Uint8Array).toString('utf8');
    };
  return undefined;
}
