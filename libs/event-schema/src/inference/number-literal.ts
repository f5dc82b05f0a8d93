/** What a number literal needs of a column that is to hold it exactly. */
export interface NumberTraits {
  /** Digits only; `1.0`, `1e3` and `-0` are not. */
  readonly integer: boolean;
  readonly fitsInt64: boolean;
  readonly fitsDouble: boolean;
}

/** Integers of this many digits are exact in a double and in 64 bits, whatever the digits. */
const alwaysExactDigits = 15;
/** A double is told from every other one by 17 digits (IEEE 754), so literals up to there come from one. */
const doubleDigits = 17;

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
/** Longer literals are of no number type; looking at them digit by digit would cost quadratic time. */
const maxIntegerDigits = 20;

const small: NumberTraits = { integer: true, fitsInt64: true, fitsDouble: true };

/** @param literal a JSON number as it stands in the text */
export function numberTraits(literal: string): NumberTraits {
  if (/^-?\d+$/.test(literal) && literal !== '-0') {
    if (literal.length <= alwaysExactDigits) return small;
    if (literal.length > maxIntegerDigits)
      return { integer: true, fitsInt64: false, fitsDouble: false };
    const value = BigInt(literal);
    return {
      integer: true,
      fitsInt64: value >= minInt64 && value <= maxInt64,
      fitsDouble: BigInt(Number(literal)) === value,
    };
  }
  const [mantissa = ''] = literal.split(/e/i);
  const digits = mantissa.replace(/[-.]/g, '').replace(/^0+/, '');
  const value = Number(literal);
  const vanished = value === 0 && /[1-9]/.test(digits);
  return {
    integer: false,
    fitsInt64: false,
    fitsDouble: digits.length <= doubleDigits && Number.isFinite(value) && !vanished,
  };
}
