import { uuidText } from '@sluice/values';
import { check, CorruptParquetError, UnsupportedParquetError } from './errors';

export type PhysicalType =
  | 'BOOLEAN'
  | 'INT32'
  | 'INT64'
  | 'INT96'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BYTE_ARRAY'
  | 'FIXED_LEN_BYTE_ARRAY';

export type TimeUnit = 'millis' | 'micros' | 'nanos';

export type LogicalType =
  | { readonly kind: 'string' | 'map' | 'list' | 'enum' | 'date' | 'null' | 'json' | 'bson' }
  | { readonly kind: 'uuid' | 'float16' | 'variant' | 'geometry' | 'geography' | 'other' }
  | { readonly kind: 'decimal'; readonly scale: number; readonly precision: number }
  | { readonly kind: 'time' | 'timestamp'; readonly unit: TimeUnit }
  | { readonly kind: 'integer'; readonly bits: number; readonly signed: boolean };

/** Type of the values of a column, which says how its {@link ParquetValue}s are to be understood. */
export type ValueType =
  | { readonly kind: 'integer'; readonly bits: number; readonly signed: boolean }
  | { readonly kind: 'float' | 'double' | 'boolean' | 'string' | 'json' | 'uuid' | 'bytes' }
  | { readonly kind: 'date' | 'interval' | 'null' }
  | { readonly kind: 'time' | 'timestamp'; readonly unit: TimeUnit }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** Bytes or numbers of unknown meaning, which must not be taken for text. */
  | { readonly kind: 'opaque'; readonly name: string };

export interface LeafType {
  readonly physical: PhysicalType;
  /** Length of a FIXED_LEN_BYTE_ARRAY, in bytes. */
  readonly byteLength: number;
  readonly value: ValueType;
}

/** A value as a page stores it, before its logical type is applied. INT96 is 12 bytes. */
export type RawValue = number | bigint | boolean | Uint8Array;

/**
 * A value in full precision: integers of up to 32 bits and floats are numbers, 64-bit integers bigints; a date is its
 * days since 1970; a time or timestamp is a bigint in its type's unit; a decimal is its unscaled bigint; strings,
 * JSON text and UUIDs are strings; an interval is `[months, days, milliseconds]`. Lists are arrays, structs plain
 * objects, maps arrays of `{ key, value }`.
 */
export type ParquetValue =
  | null
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | readonly ParquetValue[]
  | { readonly [field: string]: ParquetValue };

interface LeafElement {
  readonly name: string;
  readonly physical: PhysicalType;
  readonly byteLength: number;
  readonly converted?: number;
  readonly logical?: LogicalType;
  readonly scale: number;
  readonly precision: number;
}

const maxFixedLength = 1 << 20;
const intervalBytes = 12;
const uuidBytes = 16;
const float16Bytes = 2;

export function leafType(element: LeafElement): LeafType {
  const { physical, byteLength, name } = element;
  if (physical === 'FIXED_LEN_BYTE_ARRAY')
    check(
      byteLength > 0 && byteLength <= maxFixedLength,
      () => `the schema's "${name}" has values of ${byteLength} bytes`,
    );
  return { physical, byteLength, value: valueType(element) };
}

/** Meanings of ConvertedType (parquet-format: parquet.thrift), for writers that know no logical types. */
const convertedTypes: Readonly<Record<number, LogicalType | { readonly kind: 'interval' }>> = {
  0: { kind: 'string' },
  4: { kind: 'enum' },
  6: { kind: 'date' },
  7: { kind: 'time', unit: 'millis' },
  8: { kind: 'time', unit: 'micros' },
  9: { kind: 'timestamp', unit: 'millis' },
  10: { kind: 'timestamp', unit: 'micros' },
  11: { kind: 'integer', bits: 8, signed: false },
  12: { kind: 'integer', bits: 16, signed: false },
  13: { kind: 'integer', bits: 32, signed: false },
  14: { kind: 'integer', bits: 64, signed: false },
  15: { kind: 'integer', bits: 8, signed: true },
  16: { kind: 'integer', bits: 16, signed: true },
  17: { kind: 'integer', bits: 32, signed: true },
  18: { kind: 'integer', bits: 64, signed: true },
  19: { kind: 'json' },
  20: { kind: 'bson' },
  21: { kind: 'interval' },
};
const convertedDecimal = 5;

function valueType(element: LeafElement): ValueType {
  const { physical, byteLength, converted, scale, precision, name } = element;
  const logical =
    element.logical ??
    (converted === convertedDecimal
      ? { kind: 'decimal' as const, scale, precision }
      : converted === undefined
        ? undefined
        : convertedTypes[converted]);
  const isBytes = physical === 'BYTE_ARRAY' || physical === 'FIXED_LEN_BYTE_ARRAY';
  const isInteger = physical === 'INT32' || physical === 'INT64';
  const mismatch = (): never => {
    throw new CorruptParquetError(
      `the schema's "${name}" is ${logical?.kind ?? 'nothing'} over ${physical}`,
    );
  };
  switch (logical?.kind) {
    case 'decimal':
      if (!isBytes && !isInteger) return mismatch();
      return { kind: 'decimal', scale: logical.scale, precision: logical.precision };
    case 'string':
    case 'enum':
      return isBytes ? { kind: 'string' } : mismatch();
    case 'json':
      return isBytes ? { kind: 'json' } : mismatch();
    case 'date':
      return physical === 'INT32' ? { kind: 'date' } : mismatch();
    case 'time':
    case 'timestamp':
      return isInteger ? logical : mismatch();
    case 'integer':
      return isInteger ? logical : mismatch();
    case 'interval':
      return byteLength === intervalBytes ? { kind: 'interval' } : mismatch();
    case 'uuid':
      return byteLength === uuidBytes ? { kind: 'uuid' } : mismatch();
    case 'float16':
      return byteLength === float16Bytes ? { kind: 'float' } : mismatch();
    case 'null':
      return { kind: 'null' };
    case 'bson':
    case 'geometry':
    case 'geography':
    case 'variant':
      return { kind: 'opaque', name: logical.kind.toUpperCase() };
    case 'other':
      return { kind: 'opaque', name: 'a logical type unknown here' };
    default:
      return plainValueType(physical);
  }
}

function plainValueType(physical: PhysicalType): ValueType {
  switch (physical) {
    case 'BOOLEAN':
      return { kind: 'boolean' };
    case 'INT32':
      return { kind: 'integer', bits: 32, signed: true };
    case 'INT64':
      return { kind: 'integer', bits: 64, signed: true };
    case 'INT96':
      return { kind: 'timestamp', unit: 'nanos' };
    case 'FLOAT':
      return { kind: 'float' };
    case 'DOUBLE':
      return { kind: 'double' };
    default:
      return { kind: 'bytes' };
  }
}

const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Converts a raw value by its logical type. @throws CorruptParquetError where a text is not UTF-8 */
export function toValue(raw: RawValue, { physical, value: type }: LeafType): ParquetValue {
  switch (type.kind) {
    case 'string':
    case 'json':
      return textOf(raw as Uint8Array);
    case 'decimal':
      return raw instanceof Uint8Array ? bigEndian(raw) : BigInt(raw);
    case 'time':
      return BigInt(raw as number | bigint);
    case 'timestamp':
      return physical === 'INT96' ? int96Nanos(raw as Uint8Array) : BigInt(raw as number | bigint);
    case 'integer':
      return integer(raw as number | bigint, type);
    case 'uuid':
      return uuidText(raw as Uint8Array);
    case 'interval':
      return interval(raw as Uint8Array);
    case 'float':
      return raw instanceof Uint8Array ? float16(raw) : raw;
    case 'null':
      throw new UnsupportedParquetError('a column of type null has a value');
    default:
      return raw;
  }
}

/** Returns bytes as text. @throws CorruptParquetError where they are not UTF-8 */
export function textOf(bytes: Uint8Array): string {
  try {
    return strictText.decode(bytes);
  } catch (cause) {
    throw new CorruptParquetError('a text is not UTF-8', { cause });
  }
}

function integer(
  raw: number | bigint,
  { bits, signed }: { readonly bits: number; readonly signed: boolean },
): number | bigint {
  if (typeof raw === 'bigint') return signed ? raw : BigInt.asUintN(64, raw);
  if (signed) return raw;
  return bits >= 32 ? raw >>> 0 : raw & ((1 << bits) - 1);
}

/** Reads a big-endian integer in two's complement, of any length. */
export function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

const julianDayOfEpoch = 2_440_588n;
const nanosPerDay = 86_400_000_000_000n;

/**
 * Reads an INT96 as Hive and Impala write it, nanoseconds of the day and then the Julian day, as nanoseconds since
 * 1970.
 */
export function int96Nanos(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const day = BigInt(view.getInt32(8, true));
  return (day - julianDayOfEpoch) * nanosPerDay + view.getBigInt64(0, true);
}

function interval(bytes: Uint8Array): ParquetValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
}

function float16(bytes: Uint8Array): number {
  const bits = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
