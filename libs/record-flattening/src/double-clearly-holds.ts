import type { ByteSource } from './byte-sink';
import { areFourDigits, dot, isDigit, minus, plus, zero } from './json-scanner';

/** Number of significant digits that every decimal keeps in a normal double (IEEE 754). */
const alwaysHeldDigits = 15;
/** Largest number of digits that a program needs to print a double (IEEE 754). */
const maxDigits = 17;
/** Largest number of digits in the high part. */
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
export function doubleClearlyHolds(
  { bytes: source, view }: ByteSource,
  start: number,
  end: number,
): boolean {
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
  let highCount = 0;
  let low = 0;
  let lowCount = 0;
  for (;;) {
    let word = view.getInt32(at, true);
    while (areFourDigits(word)) {
      if (lowCount === 0 && highCount + 4 <= highDigits) {
        high = high * 10_000 + fourDigits(word);
        highCount += 4;
      } else {
        low = low * 10_000 + fourDigits(word);
        lowCount += 4;
      }
      at += 4;
      word = view.getInt32(at, true);
    }
    byte = source[at] as number;
    while (isDigit(byte)) {
      if (lowCount === 0 && highCount < highDigits) {
        high = high * 10 + (byte - zero);
        highCount++;
      } else {
        low = low * 10 + (byte - zero);
        lowCount++;
      }
      byte = source[++at] as number;
    }
    if (byte !== dot) break;
    fractionAt = ++at;
  }
  const count = highCount + lowCount;
  if (count > maxDigits) return false;
  let scale = fractionAt === 0 ? 0 : at - fractionAt;
  const exponent = at < end ? smallExponent(source, at + 1, end) : 0;
  scale -= exponent;
  if (count <= alwaysHeldDigits) return Math.abs(count - scale) < maxMagnitude;
  const power = powersOfTen[scale];
  // Integers beyond 2^53 follow another rule.
  if (power === undefined || scale === 0) return false;

  // Of 17 digits at most, 6 to 9 are high where there are low ones. So both parts are exact integers, and so is the
  // product: the high part has at most 30 bits, and 5^11, the odd part of 10^11, has 26.
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

/** Returns the number that four digits write, of which the first is in the lowest byte. */
function fourDigits(word: number): number {
  const pairs = Math.imul(word & 0x0f0f0f0f, 10 * 0x100 + 1) >>> 8;
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
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
