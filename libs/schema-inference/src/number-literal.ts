import { doubleHolds } from '@sluice/event-schema';

/** What a number literal needs of a column that is to hold it exactly. */
export interface NumberTraits {
  /** Digits only; `1.0`, `1e3` and `-0` are not. */
  readonly integer: boolean;
  readonly fitsInt64: boolean;
  readonly fitsDouble: boolean;
}

/** Integers of this many digits are exact in a double and in 64 bits, whatever the digits. */
const alwaysExactDigits = 15;

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
/** Longer literals do not fit; looking at them digit by digit would cost quadratic time. */
const maxInt64Characters = 20;

const small: NumberTraits = { integer: true, fitsInt64: true, fitsDouble: true };

/** @param literal a JSON number as it stands in the text */
export function numberTraits(literal: string): NumberTraits {
  const integer = /^-?\d+$/.test(literal) && literal !== '-0';
  if (integer && literal.length <= alwaysExactDigits) return small;
  return {
    integer,
    fitsInt64: integer && literal.length <= maxInt64Characters && isInt64(BigInt(literal)),
    fitsDouble: doubleHolds(literal),
  };
}

const isInt64 = (value: bigint): boolean => value >= minInt64 && value <= maxInt64;
