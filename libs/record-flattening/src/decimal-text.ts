import { decimalParts, type DecimalParts } from '@sluice/event-schema';

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
const maxInt64Digits = 19;

export type Int64Text =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'fraction' | 'range' };

const notInt64 = (reason: 'fraction' | 'range'): Int64Text => ({ ok: false, reason });

/** Canonical spelling of a number's integral value, or why it is none that 64 bits hold. */
export function int64Text(text: string): Int64Text {
  const { negative, digits, exponent } = decimalParts(text);
  if (digits === '') return { ok: true, text: '0' };
  if (exponent < 0) return notInt64('fraction');
  if (digits.length + exponent > maxInt64Digits) return notInt64('range');
  const value = BigInt((negative ? '-' : '') + digits + '0'.repeat(exponent));
  if (value < minInt64 || value > maxInt64) return notInt64('range');
  return { ok: true, text: value.toString() };
}

/** Whether a `decimal(precision, scale)` holds the value with every digit. */
export function fitsDecimal(text: string, precision: number, scale: number): boolean {
  const { digits, exponent } = decimalParts(text);
  return -exponent <= scale && digits.length + exponent <= precision - scale;
}

/** Spelling without an exponent; for values that {@link fitsDecimal} let through. */
export function plainDecimal(text: string): string {
  const { negative, digits, exponent } = decimalParts(text);
  const sign = negative && digits !== '' ? '-' : '';
  if (exponent >= 0) return sign + (digits || '0') + '0'.repeat(exponent);
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/** Exact comparison of two JSON numbers: negative, zero or positive. */
export function compareDecimals(left: string, right: string): number {
  const a = signed(left);
  const b = signed(right);
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.sign === 0) return 0;
  const magnitude =
    a.parts.digits.length + a.parts.exponent - (b.parts.digits.length + b.parts.exponent);
  if (magnitude !== 0) return magnitude * a.sign;
  if (a.parts.digits === b.parts.digits) return 0;
  return (a.parts.digits < b.parts.digits ? -1 : 1) * a.sign;
}

const signed = (text: string): { sign: number; parts: DecimalParts } => {
  const parts = decimalParts(text);
  return { sign: parts.digits === '' ? 0 : parts.negative ? -1 : 1, parts };
};

/** Largest distance of two exponents for which `multipleOf` is worked out exactly. */
const maxExponentDistance = 400;

/** Exact, unlike a division of doubles: 0.3 is a multiple of 0.1. */
export function isMultipleOf(text: string, divisor: string): boolean {
  const value = decimalParts(text);
  const step = decimalParts(divisor);
  if (value.digits === '') return true;
  const distance = value.exponent - step.exponent;
  if (distance > maxExponentDistance) return Number(text) % Number(divisor) === 0;
  // Trailing zeros are stripped: digits of a multiple can't lie further right than those of the step.
  if (-distance > maxExponentDistance) return false;
  const scaled = BigInt(value.digits) * 10n ** BigInt(Math.max(0, distance));
  return scaled % (BigInt(step.digits) * 10n ** BigInt(Math.max(0, -distance))) === 0n;
}
