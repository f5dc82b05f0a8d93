import {
  doubleHolds,
  fitsDecimal,
  isInt64,
  parseDate,
  readTime,
  unscaledDecimal,
  type ScalarType,
  type TimestampDigits,
} from '@sluice/values';
import { stringify } from 'lossless-json';

/**
 * Writes one value, which must not be null, as 32-bit words from `start` on, the lowest word first.
 *
 * @returns what is wrong with the value, or undefined
 */
export type WriteWords = (words: Int32Array, start: number, value: unknown) => string | undefined;

/** Returns the function that writes the values of a column of fixed width. */
export function wordWriter(type: Exclude<ScalarType, { kind: 'string' | 'boolean' }>): WriteWords {
  switch (type.kind) {
    case 'bigint':
      return writeBigint;
    case 'double':
      return writeDouble;
    case 'date':
      return writeDate;
    case 'timestamp':
      return writeTimestamp(type.digits);
    case 'decimal':
      return writeDecimal(type.precision, type.scale);
  }
}

const integerText = /^\s*[+-]?\d{1,19}\s*$/;
const twoTo32 = 2 ** 32;

/** Writes an integer from a number that is exact, a bigint, or decimal text. */
function writeBigint(words: Int32Array, start: number, value: unknown): string | undefined {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) {
      writeSafeInteger(words, start, value);
      return undefined;
    }
    return Number.isInteger(value)
      ? `${value} is beyond 2^53, where a number is not exact`
      : `${value} is not an integer`;
  }
  if (typeof value === 'bigint') return writeInt64(words, start, value);
  if (typeof value === 'string' && integerText.test(value))
    return writeInt64(words, start, BigInt(value.trim().replace(/^\+/, '')));
  return `${shown(value)} is not an integer`;
}

/** Writes an integer as two words without making a BigInt of it, which is several times faster. */
function writeSafeInteger(words: Int32Array, start: number, value: number): void {
  const high = Math.floor(value / twoTo32);
  words[start] = value - high * twoTo32;
  words[start + 1] = high;
}

function writeInt64(words: Int32Array, start: number, value: bigint): string | undefined {
  if (!isInt64(value)) return `${value.toString()} does not fit in 64 bits`;
  words[start] = Number(BigInt.asIntN(32, value));
  words[start + 1] = Number(value >> 32n);
  return undefined;
}

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

const isHeldByDouble = (value: bigint): boolean =>
  (value <= maxSafe && value >= -maxSafe) || doubleHolds(value.toString());

/**
 * Writes a double from a number or a bigint, or from a text, which is rounded to the nearest double. A bigint that a
 * double can't hold is refused.
 */
function writeDouble(words: Int32Array, start: number, value: unknown): string | undefined {
  if (typeof value === 'number') {
    writeDoubleWords(words, start, value);
    return undefined;
  }
  if (typeof value === 'bigint' && !isHeldByDouble(value))
    return `${value.toString()} has more digits than a double keeps`;
  const number =
    typeof value === 'bigint' || (typeof value === 'string' && value.trim() !== '')
      ? Number(value)
      : Number.NaN;
  if (Number.isNaN(number)) return `${shown(value)} is not a number`;
  writeDoubleWords(words, start, number);
  return undefined;
}

const oneDouble = new Float64Array(1);
const wordsOfDouble = new Int32Array(oneDouble.buffer);

function writeDoubleWords(words: Int32Array, start: number, value: number): void {
  oneDouble[0] = value;
  words[start] = wordsOfDouble[0] ?? 0;
  words[start + 1] = wordsOfDouble[1] ?? 0;
}

/** Reads a boolean, or its text in any case. @returns what is wrong with the value where it is neither */
export function readBoolean(value: unknown): boolean | string {
  const flag = typeof value === 'string' ? value.toLowerCase() : value;
  if (flag === true || flag === 'true') return true;
  if (flag === false || flag === 'false') return false;
  return `${shown(value)} is not true or false`;
}

/** Writes the day of a text such as `2026-01-31`. */
function writeDate(words: Int32Array, start: number, value: unknown): string | undefined {
  const day = typeof value === 'string' ? parseDate(value) : undefined;
  if (day === undefined) return `${shown(value)} is not a date such as 2026-01-31`;
  words[start] = day;
  return undefined;
}

/** Smallest epoch number that counts milliseconds; smaller numbers count seconds. */
const firstEpochMillis = 1e11;

/**
 * Writes a time from `yyyy-MM-dd HH:mm:ss[.fraction]`, from ISO 8601 with or without an offset, and from epoch
 * seconds or milliseconds: the forms that Firehose's conversion takes (developer guide, record-format-conversion).
 * Times without an offset are in UTC. Digits beyond those of the column are cut off.
 */
function writeTimestamp(digits: TimestampDigits): WriteWords {
  const unitsPerSecond = digits > 3 ? 1_000_000 : 1_000;
  const fractionDigits = digits > 3 ? 6 : 3;
  return (words, start, value) => {
    if (typeof value === 'number' && Number.isFinite(value)) {
      const seconds = Math.abs(value) < firstEpochMillis ? value : value / 1000;
      return writeInt64(words, start, BigInt(Math.floor(seconds * unitsPerSecond)));
    }
    const time =
      typeof value === 'string' ? (readTime(value) ?? readTime(asRfc3339(value))) : undefined;
    if (!time || time.isLeapSecond || time.fraction.length > maxFractionDigits)
      return `${shown(value)} is not a time such as 2026-01-31 12:00:00.000`;
    const seconds = time.seconds - (time.offsetMinutes ?? 0) * 60;
    const rest = Number(time.fraction.slice(0, fractionDigits).padEnd(fractionDigits, '0'));
    const units = seconds * unitsPerSecond + rest;
    if (!Number.isSafeInteger(units))
      return writeInt64(words, start, BigInt(seconds) * BigInt(unitsPerSecond) + BigInt(rest));
    writeSafeInteger(words, start, units);
    return undefined;
  };
}

/** Most digits of a second that Hive writes. */
const maxFractionDigits = 9;

/**
 * Rewrites a time that is not quite RFC 3339: a comma before its fraction, white space before its zone, or a zone
 * without a colon.
 */
const asRfc3339 = (text: string): string =>
  text
    .replace(',', '.')
    .replace(/\s*(?:([+-]\d\d):?(\d\d)|Z)$/i, (_, hours?: string, minutes?: string) =>
      hours === undefined ? 'Z' : `${hours}:${minutes ?? ''}`,
    );

/** Matches a JSON number, and some spellings that programs write as well: `+1`, `.5`, `1.`. */
const decimalPattern = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?\s*$/;

/** Writes a decimal from a number or its text. A value with more digits than the column has is refused. */
function writeDecimal(precision: number, scale: number): WriteWords {
  return (words, start, value) => {
    const text = typeof value === 'number' || typeof value === 'bigint' ? value.toString() : value;
    if (typeof text !== 'string' || !decimalPattern.test(text))
      return `${shown(value)} is not a decimal number`;
    const number = text.trim().replace(/^\+/, '');
    const unscaled = fitsDecimal(number, precision, scale)
      ? unscaledDecimal(number, scale)
      : undefined;
    if (unscaled === undefined)
      return `${shown(value)} does not fit in decimal(${precision},${scale})`;
    writeInt128(words, start, unscaled);
    return undefined;
  };
}

function writeInt128(words: Int32Array, start: number, value: bigint): void {
  for (let word = 0; word < 4; word++)
    words[start + word] = Number(BigInt.asIntN(32, value >> BigInt(32 * word)));
}

/** Returns the text of a value that is not a string, as JSON writes it; integers keep all their digits. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'bigint' ? value.toString() : stringify(value);

const maxShownCharacters = 60;

/** Shortens a value for a message, because it is somebody's data. */
const shown = (value: unknown): string => {
  const text = textOf(value) ?? typeof value;
  return text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text;
};
