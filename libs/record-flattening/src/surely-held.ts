import { dot, isDigit, minus, plus, zero } from './json-scanner';

/** Number of significant digits that every decimal keeps in a normal double (IEEE 754). */
const alwaysHeldDigits = 15;
/** Largest number of digits that a program needs to print a double (IEEE 754). */
const maxDigits = 17;
/** Number of digits in the high part: an integer that stays exact in all multiplications of this file. */
const highDigits = 9;
/** Largest decimal magnitude that is handled here, far from the ends of a double's range. */
const maxMagnitude = 290;

/** The powers of ten that a double holds exactly. */
const powersOfTen = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Half a unit of the last digit, less an allowance for rounding in this file's arithmetic. */
const nearlyHalf = 0.4999;

/**
 * Decides quickly, for nearly all numbers that a program printed from doubles, that `doubleHolds` would return true.
 * The result false leaves it open.
 *
 * The number is digits × 10^-scale. Its nearest double is computed to twice a double's precision, and its distance
 * from the digits is measured in units of the last one: less than a half means that the double prints as these
 * digits.
 *
 * @param start of a JSON number, which ends at `end` (exclusive)
 */
export function surelyHeld(source: Uint8Array, start: number, end: number): boolean {
  let at = source[start] === minus ? start + 1 : start;
  let fractionAt = 0;
  // Leading zeros are not significant.
  let byte = source[at] as number;
  while (byte === zero || byte === dot) {
    if (byte === dot) fractionAt = at + 1;
    if (++at === end) return true;
    byte = source[at] as number;
  }
  let high = 0;
  let low = 0;
  let count = 0;
  while (at < end) {
    if (isDigit(byte)) {
      if (count < highDigits) high = high * 10 + (byte - zero);
      else low = low * 10 + (byte - zero);
      count++;
    } else if (byte === dot) fractionAt = at + 1;
    else break;
    byte = source[++at] as number;
  }
  if (count > maxDigits) return false;
  const lowCount = count > highDigits ? count - highDigits : 0;
  let scale = fractionAt === 0 ? 0 : at - fractionAt;
  const exponent = at < end ? smallExponent(source, at + 1, end) : 0;
  scale -= exponent;
  if (count <= alwaysHeldDigits) return Math.abs(count - scale) < maxMagnitude;
  const power = powersOfTen[scale];
  // Integers beyond 2^53 follow another rule.
  if (power === undefined || scale === 0) return false;

  // Both factors are exact: the high part has at most 30 bits, and 5^8, the odd part of 10^8, has 19.
  const shifted = high * (powersOfTen[lowCount] as number);
  const digits = shifted + low;
  const digitsRest = low - (digits - shifted);

  const quotient = digits / power;
  const product = quotient * power;
  const rest = digits - product - productError(quotient, power, product) + digitsRest;
  const double = quotient + rest / power;
  const back = double * power;
  const distance = back - digits + (productError(double, power, back) - digitsRest);
  return Math.abs(distance) < nearlyHalf;
}

/** Bound at which reading an exponent stops; anything larger is out of range here. */
const maxExponent = 9_999;

function smallExponent(source: Uint8Array, start: number, end: number): number {
  const sign = source[start];
  let value = 0;
  for (let at = sign === minus || sign === plus ? start + 1 : start; at < end; at++)
    value = Math.min(maxExponent, value * 10 + ((source[at] as number) - zero));
  return sign === minus ? -value : value;
}

/** 2^27 + 1, which splits a double's 53 bits into halves (Veltkamp). */
const splitter = 134_217_729;

/** Returns exactly what the product of two doubles lost by rounding (Dekker 1971). */
function productError(a: number, b: number, product: number): number {
  const aScaled = a * splitter;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = b * splitter;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
