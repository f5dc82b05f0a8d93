import { isUtf8 } from 'node:buffer';
import { decimalText } from './decimal-text';
import { doubleHolds } from './number-text';
import { microsOf, type TimeUnit } from './time-text';
import type { Cell, ColumnType } from './value-type';

/** Type of the values of a file's column, whichever program wrote the file. */
export type StoredType =
  | { readonly kind: 'integer' | 'float' | 'double' | 'boolean' }
  | { readonly kind: 'string' | 'json' | 'uuid' | 'bytes' | 'date' | 'interval' | 'null' }
  | { readonly kind: 'time' | 'timestamp'; readonly unit: TimeUnit }
  | { readonly kind: 'decimal'; readonly scale: number }
  /** Values of unknown meaning, which are never converted. */
  | { readonly kind: 'opaque' };

/**
 * A value of a file in full precision, never null: integers and floats are numbers or bigints, a date is days since
 * 1970, a time is a bigint in its unit, a decimal is its unscaled integer, texts and UUIDs are strings.
 */
export type StoredValue = number | bigint | boolean | string | Uint8Array;

/** Error for a value of a file that the table's column can't hold exactly. */
export class MisfitError extends Error {
  override readonly name = 'MisfitError';
}

const microsPerDay = 86_400_000_000n;

/**
 * Returns the function that converts values of a file to cells of a table's column, for values of the same type, of a
 * narrower one from an earlier definition, or of the type that Hive and Spark write instead. Only times lose
 * anything: digits beyond microseconds are cut off.
 *
 * @returns undefined where no value of the one type is a value of the other; the function throws {@link MisfitError}
 * for a single value that the column can't hold
 */
export function widening(
  stored: StoredType,
  type: ColumnType,
): ((value: StoredValue) => Cell) | undefined {
  switch (type.kind) {
    case 'bigint':
      return stored.kind === 'integer' ? (value) => BigInt(value as number | bigint) : undefined;
    case 'double':
      return toDouble(stored);
    case 'boolean':
      return stored.kind === 'boolean' ? (value) => value as boolean : undefined;
    case 'date':
      return stored.kind === 'date' ? (value) => value as number : undefined;
    case 'timestamp':
      if (stored.kind === 'date') return (value) => BigInt(value as number) * microsPerDay;
      return stored.kind === 'timestamp'
        ? (value) => microsOf(value as bigint, stored.unit)
        : undefined;
    case 'decimal':
      return toDecimal(stored, type.scale);
    case 'string':
    case 'json':
      return toText(stored);
    case 'array':
      return undefined;
  }
}

function toDouble(stored: StoredType): ((value: StoredValue) => number) | undefined {
  switch (stored.kind) {
    case 'decimal':
      return (value) => heldNumber(decimalText(value as bigint, stored.scale));
    case 'integer':
      return (value) => (typeof value === 'bigint' ? heldNumber(String(value)) : (value as number));
    case 'float':
    case 'double':
      return Number;
    default:
      return undefined;
  }
}

function heldNumber(text: string): number {
  if (!doubleHolds(text)) throw new MisfitError('a number that a double does not hold');
  return Number(text);
}

function toDecimal(
  stored: StoredType,
  scale: number,
): ((value: StoredValue) => bigint) | undefined {
  if (stored.kind !== 'decimal' && stored.kind !== 'integer') return undefined;
  const storedScale = stored.kind === 'decimal' ? stored.scale : 0;
  if (storedScale > scale) return undefined;
  const factor = 10n ** BigInt(scale - storedScale);
  return (value) => BigInt(value as bigint | number) * factor;
}

/**
 * Returns a function that reads values as text; undefined where they are none. Hive writes strings without marking
 * them as text.
 */
function toText(stored: StoredType): ((value: StoredValue) => string) | undefined {
  switch (stored.kind) {
    case 'string':
    case 'json':
    case 'uuid':
      return (value) => value as string;
    case 'integer':
    case 'float':
    case 'double':
    case 'boolean':
      return String;
    case 'bytes':
      return (value) => {
        if (!isUtf8(value as Uint8Array)) throw new MisfitError('bytes that are not UTF-8 text');
        return Buffer.from(value as Uint8Array).toString('utf8');
      };
    default:
      return undefined;
  }
}
