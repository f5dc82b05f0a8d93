import type { ByteSink, ByteSource } from './byte-sink';
import {
  areFourDigits,
  backslash,
  dot,
  isDigit,
  letterU,
  lowerE,
  malformed,
  minus,
  plus,
  quote,
  skipStringSpecial,
  stringStop,
  upperE,
  zero,
} from './json-scanner';

// Scans a token and copies it in one pass. As in the scanner, `start` is the token's first byte and the result is the
// index after its last; anything that is no JSON token throws a SyntaxFault.

/** Replacement for half of a surrogate pair, which UTF-8 can't hold: U+FFFD, written as an escape. */
const replacement = Uint8Array.from('\\ufffd', (character) => character.charCodeAt(0));

/**
 * Copies a string, with U+FFFD for each escape that is half of a surrogate pair.
 *
 * @param start index of the opening quote
 * @returns the index after the closing quote, negated where something was replaced
 */
export function copyString(source: ByteSource, start: number, sink: ByteSink): number {
  const from = source.bytes;
  const to = sink.bytes;
  const fromView = source.view;
  const toView = sink.view;
  let { length } = sink;
  let replaced = false;
  to[length++] = quote;
  let at = start + 1;
  for (;;) {
    // Copies four bytes at a time while none of them is a quote, a backslash, a control character or beyond ASCII.
    // The subtraction sets a byte's high bit where it was less, and the lowest such byte borrows from no other.
    let word = fromView.getInt32(at, true);
    while (
      ((word |
        (word - 0x20202020) |
        ((word ^ 0x22222222) - 0x01010101) |
        ((word ^ 0x5c5c5c5c) - 0x01010101)) &
        0x80808080) ===
      0
    ) {
      toView.setInt32(length, word, true);
      length += 4;
      at += 4;
      word = fromView.getInt32(at, true);
    }
    let byte = from[at] as number;
    while (stringStop[byte] !== 1) {
      to[length++] = byte;
      byte = from[++at] as number;
    }
    if (byte === quote) break;
    if (byte === backslash && from[at + 1] === letterU) {
      sink.length = length;
      at = copyUnicodeEscape(from, at, sink);
      length = sink.length;
      if (at < 0) {
        at = -at;
        replaced = true;
      }
      continue;
    }
    const next = skipStringSpecial(from, at);
    while (at < next) to[length++] = from[at++] as number;
  }
  to[length++] = quote;
  sink.length = length;
  return replaced ? -(at + 1) : at + 1;
}

/**
 * Copies the escape `\\uXXXX` at `at`, together with the following one where they are a pair.
 *
 * @returns the index after it, negated where U+FFFD was written for half of a pair
 */
function copyUnicodeEscape(from: Uint8Array, at: number, sink: ByteSink): number {
  const to = sink.bytes;
  let { length } = sink;
  let next = skipStringSpecial(from, at);
  if (isSurrogate(from, at)) {
    if (!isLowAfterHigh(from, at)) {
      for (const character of replacement) to[length++] = character;
      sink.length = length;
      return -next;
    }
    next = skipStringSpecial(from, next);
  }
  for (let copied = at; copied < next; copied++) to[length++] = from[copied] as number;
  sink.length = length;
  return next;
}

const digitD = 0x64;
const lowerCase = 0x20;
const eight = 0x38;
const letterC = 0x63;

/** Decides whether the escape at `at` is a surrogate, `\\ud8…` to `\\udf…`. */
const isSurrogate = (source: Uint8Array, at: number): boolean =>
  source[at + 1] === letterU &&
  ((source[at + 2] as number) | lowerCase) === digitD &&
  (source[at + 3] as number) >= eight;

const isLow = (source: Uint8Array, at: number): boolean =>
  isSurrogate(source, at) && ((source[at + 3] as number) | lowerCase) >= letterC;

/** Decides whether the surrogate at `at` is the first half of a pair (RFC 8259, section 7). */
const isLowAfterHigh = (source: Uint8Array, at: number): boolean =>
  !isLow(source, at) && source[at + 6] === backslash && isLow(source, at + 6);

/** Number of digits up to which every integer fits in 64 bits. */
const safeDigits = 18;

/**
 * Copies an integer that is already written as the column needs it: no fraction, no exponent, at most 18 digits.
 *
 * @returns 0, with nothing copied, where the token is anything else
 */
export function copyPlainInteger(source: ByteSource, start: number, sink: ByteSink): number {
  const from = source.bytes;
  const to = sink.bytes;
  let { length } = sink;
  let at = start;
  let byte = from[at] as number;
  if (byte === minus) {
    to[length++] = byte;
    byte = from[++at] as number;
  }
  const first = at;
  if (byte === zero) return 0;
  while (isDigit(byte)) {
    to[length++] = byte;
    byte = from[++at] as number;
  }
  const digits = at - first;
  if (digits === 0 || digits > safeDigits || byte === dot || byte === lowerE || byte === upperE)
    return 0;
  sink.length = length;
  return at;
}

/**
 * Copies any number, following `number = [minus] int [frac] [exp]` (RFC 8259, section 6).
 *
 * @returns the index after it, negated where it has an exponent
 */
export function copyNumber(source: ByteSource, start: number, sink: ByteSink): number {
  const from = source.bytes;
  const to = sink.bytes;
  let { length } = sink;
  let at = start;
  let byte = from[at] as number;
  if (byte === minus) {
    to[length++] = byte;
    byte = from[++at] as number;
  }
  if (byte === zero) {
    to[length++] = byte;
    byte = from[++at] as number;
  } else {
    if (!isDigit(byte)) malformed(from, at, 'a digit');
    while (isDigit(byte)) {
      to[length++] = byte;
      byte = from[++at] as number;
    }
  }
  if (byte === dot) {
    to[length++] = byte;
    byte = from[++at] as number;
    if (!isDigit(byte)) malformed(from, at, 'a digit');
    let word = source.view.getInt32(at, true);
    while (areFourDigits(word)) {
      sink.view.setInt32(length, word, true);
      length += 4;
      at += 4;
      word = source.view.getInt32(at, true);
    }
    byte = from[at] as number;
    while (isDigit(byte)) {
      to[length++] = byte;
      byte = from[++at] as number;
    }
  }
  if (byte !== lowerE && byte !== upperE) {
    sink.length = length;
    return at;
  }
  to[length++] = byte;
  byte = from[++at] as number;
  if (byte === minus || byte === plus) {
    to[length++] = byte;
    byte = from[++at] as number;
  }
  if (!isDigit(byte)) malformed(from, at, 'a digit');
  while (isDigit(byte)) {
    to[length++] = byte;
    byte = from[++at] as number;
  }
  sink.length = length;
  return -at;
}
