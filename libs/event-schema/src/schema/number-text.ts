/** A number's exact value: `digits` × 10^`exponent`, with no zeros at either end of `digits`; zero has none. */
export interface DecimalParts {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** @param text a JSON number, or what JavaScript and Java print a finite number as. */
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

const areEqual = (left: DecimalParts, right: DecimalParts): boolean =>
  left.digits === right.digits &&
  left.exponent === right.exponent &&
  (left.negative === right.negative || left.digits === '');

/** Every decimal of so many digits comes back from a double (IEEE 754; `DBL_DIG` of C), if it is a normal number. */
const alwaysHeldDigits = 15;
const minNormalDouble = 2 ** -1022;
/** `toPrecision` prints no more. */
const maxPrintedDigits = 100;

/** A number without exponent of at most so many characters is held by a double, whatever the characters are. */
export const alwaysHeldCharacters = alwaysHeldDigits;

/**
 * Decides whether a number literal may become a double: only where the double, printed with as many digits as the literal
 * has, gives the literal's value. `0.1` and `0.10000000000000001` may, `0.12345678901234567` and `9007199254740993` may not.
 *
 * Of an integer beyond 2^53 that is written out, the shortest print of the double must have the value as well, since that is
 * what people see: `36028797018963968` is a double, but is shown as `36028797018963970`, which is what may become one.
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
