// Integers of 64 bits and decimals of a fixed scale ↔ text.
import { decimalParts, doubleHolds, type DecimalParts } from './number-text';

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
const maxInt64Digits = 19;

/** Decides whether an integer fits in 64 bits, including the sign. */
export const isInt64 = (value: bigint): boolean => value >= minInt64 && value <= maxInt64;

/** Reads an integer of 64 bits that is written out, without a plus sign or spaces; undefined for any other text. */
export function parseInt64(text: string): bigint | undefined {
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  return value !== undefined && isInt64(value) ? value : undefined;
}

/** Text of a number that is an integer of 64 bits, or the reason why it is none. */
export type Int64Text =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'fraction' | 'range' };

const notInt64 = (reason: 'fraction' | 'range'): Int64Text => ({ ok: false, reason });

/** Writes a number of any spelling as an integer: `1.20e1` → `12`. */
export function int64Text(text: string): Int64Text {
  const parts = decimalParts(text);
  if (parts.digits === '') return { ok: true, text: '0' };
  if (parts.exponent < 0) return notInt64('fraction');
  if (parts.digits.length + parts.exponent > maxInt64Digits) return notInt64('range');
  const value = unscaledOf(parts, 0);
  return value !== undefined && isInt64(value)
    ? { ok: true, text: value.toString() }
    : notInt64('range');
}

/** Properties of a number literal that decide which columns hold it exactly. */
export interface NumberTraits {
  /** True for digits only; `1.0`, `1e3` and `-0` are no integers. */
  readonly integer: boolean;
  readonly fitsInt64: boolean;
  readonly fitsDouble: boolean;
}

/** Length up to which every integer is exact in a double and in 64 bits. */
const alwaysExactCharacters = 15;

const small: NumberTraits = { integer: true, fitsInt64: true, fitsDouble: true };

/** Finds out which columns hold a number exactly. @param literal a JSON number as it stands in the text */
export function numberTraits(literal: string): NumberTraits {
  const integer = /^-?\d+$/.test(literal) && literal !== '-0';
  if (integer && literal.length <= alwaysExactCharacters) return small;
  return {
    integer,
    fitsInt64: integer && parseInt64(literal) !== undefined,
    fitsDouble: doubleHolds(literal),
  };
}

/** Decides whether a `decimal(precision, scale)` holds every digit of a number. */
export function fitsDecimal(text: string, precision: number, scale: number): boolean {
  const { digits, exponent } = decimalParts(text);
  return -exponent <= scale && digits.length + exponent <= precision - scale;
}

/**
 * Writes a number without an exponent.
 *
 * @param text one that {@link fitsDecimal} accepted, which bounds the result's length
 */
export function plainDecimal(text: string): string {
  const { negative, digits, exponent } = decimalParts(text);
  const sign = negative && digits !== '' ? '-' : '';
  if (exponent >= 0) return sign + (digits || '0') + '0'.repeat(exponent);
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/**
 * Writes an unscaled integer as a decimal with all digits of its scale: 150n at scale 2 → `1.50`.
 *
 * @example
 * import { decimalText, parseDecimal } from '@sluice/values';
 * decimalText(150n, 2); // '1.50'
 * parseDecimal('1.50', 2); // 150n
 */
export function decimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/**
 * Converts a number to units of a scale: `1.5` at scale 2 → 150n. Returns undefined where a digit lies beyond the
 * scale.
 *
 * @param text a number of any spelling whose exponent is small, since it decides how many zeros are written
 */
export const unscaledDecimal = (text: string, scale: number): bigint | undefined =>
  unscaledOf(decimalParts(text), scale);

function unscaledOf(
  { negative, digits, exponent }: DecimalParts,
  scale: number,
): bigint | undefined {
  if (digits === '') return 0n;
  if (exponent + scale < 0) return undefined;
  const value = BigInt(digits + '0'.repeat(exponent + scale));
  return negative ? -value : value;
}

/**
 * Reads a decimal without an exponent, like {@link unscaledDecimal}. Returns undefined for any other text, and where
 * either side has more than 38 digits.
 */
export const parseDecimal = (text: string, scale: number): bigint | undefined =>
  /^-?\d{1,38}(?:\.\d{1,38})?$/.test(text) ? unscaledDecimal(text, scale) : undefined;
