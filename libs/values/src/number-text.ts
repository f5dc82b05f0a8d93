const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Decides whether a text is a number as JSON writes it (RFC 8259, section 6): `007`, `1.` and `+1` are not. */
export const isJsonNumber = (text: string): boolean => jsonNumber.test(text);

/** A number's exact value: `digits` × 10^`exponent`. `digits` has no zeros at either end, and is empty for zero. */
export interface DecimalParts {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/**
 * Splits a number's text into its parts.
 *
 * @param text a JSON number, or a finite number as JavaScript or Java prints it
 */
export function decimalParts(text: string): DecimalParts {
  const negative = text.startsWith('-');
  const unsigned = negative ? text.slice(1) : text;
  const exponentAt = unsigned.search(/[eE]/);
  const mantissa = exponentAt < 0 ? unsigned : unsigned.slice(0, exponentAt);
  const point = mantissa.indexOf('.');
  const fraction = point < 0 ? '' : mantissa.slice(point + 1);
  const all = (point < 0 ? mantissa : mantissa.slice(0, point)) + fraction;
  let start = 0;
  while (all[start] === '0') start++;
  let end = all.length;
  while (end > start && all[end - 1] === '0') end--;
  const written = exponentAt < 0 ? 0 : Number(unsigned.slice(exponentAt + 1));
  return {
    negative,
    digits: all.slice(start, end),
    exponent: start === end ? 0 : written - fraction.length + (all.length - end),
  };
}

/** Decides whether two number texts have exactly the same value, however they are written. */
export const isSameNumber = (left: string, right: string): boolean =>
  left === right || areEqual(decimalParts(left), decimalParts(right));

/** Returns one text for all spellings of a number: `15e-1` for `1.50`. */
export function canonicalNumber(text: string): string {
  const { negative, digits, exponent } = decimalParts(text);
  return `${negative && digits ? '-' : ''}${digits || '0'}e${exponent}`;
}

const areEqual = (left: DecimalParts, right: DecimalParts): boolean =>
  left.digits === right.digits &&
  left.exponent === right.exponent &&
  (left.negative === right.negative || left.digits === '');

/** Compares two numbers exactly: negative, zero or positive, as in `Array.prototype.sort`. */
export function compareNumbers(left: string, right: string): number {
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

/** Largest distance of two exponents for which {@link isMultipleOf} computes with all digits. */
const maxExponentDistance = 400;

/** Decides whether a number is a multiple of another. Exact, unlike a division of doubles: 0.3 is a multiple of 0.1. */
export function isMultipleOf(text: string, divisor: string): boolean {
  const value = decimalParts(text);
  const step = decimalParts(divisor);
  if (value.digits === '') return true;
  const distance = value.exponent - step.exponent;
  if (distance > maxExponentDistance) return Number(text) % Number(divisor) === 0;
  // Trailing zeros are stripped: digits of a multiple can't lie further right than those of the divisor.
  if (-distance > maxExponentDistance) return false;
  const scaled = BigInt(value.digits) * 10n ** BigInt(Math.max(0, distance));
  return scaled % (BigInt(step.digits) * 10n ** BigInt(Math.max(0, -distance))) === 0n;
}

/**
 * Largest number of significant digits that every decimal keeps in a double (IEEE 754; `DBL_DIG` of C), if it is a
 * normal number.
 */
const alwaysHeldDigits = 15;
const minNormalDouble = 2 ** -1022;
/** Largest number of digits that `toPrecision` prints. */
const maxPrintedDigits = 100;

/** Length up to which a double holds every number that has no exponent. */
export const alwaysHeldCharacters = alwaysHeldDigits;

/**
 * Decides whether a number literal may become a double: only where the double, printed with as many digits as the
 * literal has, has the literal's value. `0.1` and `0.10000000000000001` may; `0.12345678901234567` and
 * `9007199254740993` may not.
 *
 * For an integer beyond 2^53 without an exponent, the shortest print of the double must have the same value as well,
 * because that is what people see: `36028797018963968` is a double, but is shown as `36028797018963970`, and only the
 * latter may become one.
 *
 * @param literal a JSON number
 */
export function doubleHolds(literal: string): boolean {
  const hasExponent = literal.includes('e') || literal.includes('E');
  if (literal.length <= alwaysHeldCharacters && !hasExponent) return true;
  const value = Number(literal);
  if (!Number.isFinite(value)) return false;
  const shown = String(value);
  if (shown === literal) return true;
  const parts = decimalParts(literal);
  const { length } = parts.digits;
  if (length === 0) return true;
  if (value === 0 || length > maxPrintedDigits) return false;
  if (length <= alwaysHeldDigits && Math.abs(value) >= minNormalDouble) return true;
  if (!areEqual(decimalParts(value.toPrecision(length)), parts)) return false;
  const isLargeInteger = !hasExponent && parts.exponent >= 0 && !Number.isSafeInteger(value);
  return !isLargeInteger || areEqual(decimalParts(shown), parts);
}
