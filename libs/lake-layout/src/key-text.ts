import {
  dateText,
  daysOf,
  decimalText,
  floorDivide,
  parseTime,
  sqlTimeText,
  unscaledDecimal,
  type Cell,
  type ColumnType,
} from '@sluice/values';

/**
 * A value of a key column in the form of manifests and cursors: integers and decimals with all their digits, dates as
 * `2026-01-31`, times as `2026-01-31 12:00:00.123`, texts unchanged, and the empty text for no key. {@link keyOrder}
 * compares two of them in the order of the files.
 */
export type KeyText = string;

/** Writes a cell of the key column in the form of manifests and cursors. */
export function keyText(key: Exclude<Cell, readonly Cell[]>, type: ColumnType): KeyText {
  if (key === null) return '';
  switch (type.kind) {
    case 'date':
      return dateText(Number(key));
    case 'timestamp':
      return sqlTimeText(key as bigint, 'micros', type.digits);
    case 'decimal':
      return decimalText(key as bigint, type.scale);
    default:
      return String(key);
  }
}

/** Compares two keys; negative where `a` comes first, as in `Array.prototype.sort`. */
export type KeyOrder = (a: KeyText, b: KeyText) => number;

/**
 * Returns the order of keys in compacted files: numbers and times by value, text by its UTF-8 bytes, which is the
 * order of Parquet's statistics (parquet-format, ColumnOrder). JavaScript's own order of strings differs beyond
 * U+D7FF. Rows without a key come first.
 */
export function keyOrder(type: ColumnType): KeyOrder {
  switch (type.kind) {
    case 'bigint':
      return compareNumbersWith(BigInt);
    case 'decimal':
      return compareNumbersWith((text) => unscaledDecimal(text, type.scale) ?? 0n);
    case 'date':
    case 'timestamp':
      return compareTimes;
    default:
      return compareUtf8;
  }
}

const compareNumbersWith =
  (valueOf: (text: KeyText) => bigint): KeyOrder =>
  (a, b) => {
    if (a === '' || b === '') return a.length - b.length;
    const difference = valueOf(a) - valueOf(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  };

/** Decides whether a text begins with a year of four digits. Such texts of equal length can be compared as texts. */
const isOfFourDigits = (text: KeyText): boolean => text[4] === '-' && !text.startsWith('-');

function compareTimes(a: KeyText, b: KeyText): number {
  if (a.length === b.length && isOfFourDigits(a) && isOfFourDigits(b)) return compareUtf8(a, b);
  const left = timeSpan(a);
  const right = timeSpan(b);
  if (!left || !right) return compareUtf8(a, b);
  return left.last < right.first ? -1 : left.first > right.last ? 1 : 0;
}

/** A range of times in microseconds since 1970, both ends inclusive. */
interface TimeSpan {
  readonly first: bigint;
  readonly last: bigint;
}

const microsPerDay = 86_400_000_000n;
const microsPerMinute = 60_000_000n;
const microsPerSecond = 1_000_000n;

/** Matches year, month, day, minute, and second with its fraction. A fraction after a minute has no meaning. */
const timePattern =
  /^([+-]?\d{4,})-(\d\d)(?:-(\d\d)(?: (\d\d:\d\d)(:\d\d(?:\.\d+)?)?(?:\.\d+)?)?)?$/;
const countPattern = /^(-?\d+) (days|µs)$/;

/**
 * Reads the text of a date or a time. Earlier releases shortened years of more than four digits: a date to its month
 * (`+010000-01`), a time to its minute (`+010000-01-01 00:00.000`). Such a text stands for everything that it may
 * have been, so that no file with this bound is skipped. Values beyond JavaScript's Date were written as a count of
 * days or microseconds.
 */
function timeSpan(text: KeyText): TimeSpan | undefined {
  const [, count, unit] = countPattern.exec(text) ?? [];
  if (count !== undefined) {
    // Microseconds were written in full even where the column has fewer digits.
    const micros = BigInt(count) * (unit === 'days' ? microsPerDay : 1n);
    const first = floorDivide(micros, microsPerSecond) * microsPerSecond;
    return { first, last: first + microsPerSecond - 1n };
  }
  const [, year, month, day, minute, second] = timePattern.exec(text) ?? [];
  const dayStart = (ofMonth: number, ofDay: number): bigint =>
    BigInt(daysOf(Number(year), ofMonth, ofDay)) * microsPerDay;
  const clock = parseTime(`1970-01-01 ${minute ?? '00:00'}${second ?? ':00'}`);
  if (year === undefined || clock === undefined) return undefined;
  const first = dayStart(Number(month), Number(day ?? 1)) + clock;
  if (day === undefined) return { first, last: dayStart(Number(month) + 1, 1) - 1n };
  const isCut = minute !== undefined && second === undefined;
  return { first, last: isCut ? first + microsPerMinute - 1n : first };
}

const firstSurrogate = 0xd800;
const lastSurrogate = 0xdfff;

/**
 * Compares two texts by their UTF-8 bytes without encoding them. The orders differ only where a surrogate meets
 * U+E000 or above.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const leftIsSurrogate = left >= firstSurrogate && left <= lastSurrogate;
    const rightIsSurrogate = right >= firstSurrogate && right <= lastSurrogate;
    if (leftIsSurrogate === rightIsSurrogate) return left - right;
    return leftIsSurrogate ? 1 : -1;
  }
  return a.length - b.length;
}
