import { isUtf8 } from 'node:buffer';
import { jsonWriter } from '@sluice/event-files/tables';
import type { ColumnType } from '@sluice/event-schema';
import type { ParquetValue, Shape, ValueType } from '@sluice/parquet-reading';
import {
  dateText,
  decimalText,
  isInt64,
  microsOf,
  sqlTimeText,
  timeOfDayText,
} from '@sluice/values';

/** Result for a value on which the schema's rules have to decide. */
export const undecided = Symbol('undecided');

/** Returns the value in the form that the column takes, or {@link undecided}. */
export type TakeValue = (value: ParquetValue) => unknown;

/**
 * Returns the conversion of a column whose type was made from the file's own type. Where a value obviously fits the
 * column, neither the schema nor JSON text is needed. Everything else is undecided: what a column refuses, cuts, or
 * reads in its own way.
 */
export function valueTaker(shape: Shape, type: ColumnType): TakeValue {
  const take = presentTaker(shape, type);
  return (value) => (value === null ? null : take(value));
}

const neverDecided = (): unknown => undecided;

function presentTaker(shape: Shape, type: ColumnType): TakeValue {
  if (type.kind === 'array')
    return shape.kind === 'list' ? listTaker(valueTaker(shape.item, type.items)) : neverDecided;
  if (shape.kind === 'value') return leafTaker(shape.leaf.type.value, type);
  return type.kind === 'json' ? jsonTaker(shape) : neverDecided;
}

function listTaker(take: TakeValue): TakeValue {
  return (list) => {
    const items = (list as readonly ParquetValue[]).map(take);
    return items.includes(undecided) ? undecided : items;
  };
}

/** Converts values to JSON text. A value that JSON can't express is undecided, so that the slower check names it. */
function jsonTaker(shape: Shape): TakeValue {
  const write = jsonWriter(shape);
  return (value) => {
    try {
      return write(value);
    } catch {
      return undecided;
    }
  };
}

function leafTaker(from: ValueType, to: ColumnType): TakeValue {
  switch (from.kind) {
    case 'string':
    case 'uuid':
      return to.kind === 'string' ? (text) => text : neverDecided;
    case 'bytes':
      return to.kind === 'string' ? takeText : neverDecided;
    case 'time':
      return to.kind === 'string' ? timeOfDayTaker(from.unit) : neverDecided;
    case 'integer':
      return to.kind === 'bigint' ? takeInteger : neverDecided;
    case 'boolean':
      return to.kind === 'boolean' ? (flag) => flag : neverDecided;
    case 'float':
    case 'double':
      return to.kind === 'double' ? takeFinite : neverDecided;
    case 'date':
      return to.kind === 'date' ? takeDate : neverDecided;
    case 'timestamp':
      return to.kind === 'timestamp' ? timestampTaker(from.unit, to.digits) : neverDecided;
    case 'decimal':
      return to.kind === 'decimal' && to.scale === from.scale
        ? decimalTaker(to.precision, to.scale)
        : neverDecided;
    default:
      return neverDecided;
  }
}

function takeText(bytes: ParquetValue): unknown {
  if (!isUtf8(bytes as Uint8Array)) return undecided;
  return Buffer.from(bytes as Uint8Array).toString();
}

/** Converts an integer: beyond 2^53 it becomes a text, as in a row of JSON. */
function takeInteger(value: ParquetValue): unknown {
  if (typeof value === 'number') return value;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return isInt64(value as bigint) ? (value as bigint).toString() : undecided;
}

const takeFinite = (value: ParquetValue): unknown => (Number.isFinite(value) ? value : undecided);

const firstDay = -719_162;
const dayAfterLast = 2_932_897;

/** Decides whether a day is in the years 1 to 9999. */
const isPlainDay = (day: number): boolean => day >= firstDay && day < dayAfterLast;

const takeDate = (day: ParquetValue): unknown =>
  isPlainDay(day as number) ? dateText(day as number) : undecided;

const microsPerDay = 86_400_000_000n;
const firstMicros = BigInt(firstDay) * microsPerDay;
const microsAfterLast = BigInt(dayAfterLast) * microsPerDay;

function timestampTaker(unit: 'millis' | 'micros' | 'nanos', digits: number): TakeValue {
  return (time) => {
    if (unit === 'nanos' && (time as bigint) % 1_000n !== 0n) return undecided;
    const micros = microsOf(time as bigint, unit);
    if (micros < firstMicros || micros >= microsAfterLast) return undecided;
    return sqlTimeText(micros, 'micros', digits);
  };
}

/** Converts a time of day with as many digits as in the JSON text of the file. */
function timeOfDayTaker(unit: 'millis' | 'micros' | 'nanos'): TakeValue {
  return (time) => {
    const isFine = unit === 'nanos' && (time as bigint) % 1_000n !== 0n;
    return timeOfDayText(time as bigint, unit, unit === 'millis' ? 3 : isFine ? 9 : 6);
  };
}

function decimalTaker(precision: number, scale: number): TakeValue {
  const bound = 10n ** BigInt(precision);
  return (unscaled) =>
    (unscaled as bigint) < bound && (unscaled as bigint) > -bound
      ? decimalText(unscaled as bigint, scale)
      : undecided;
}
