import { SyntaxFault } from './fault';

/**
 * Zero bytes that must follow the text of a scanner's source.
 *
 * The functions of this file are a strict RFC 8259 scanner over UTF-8 bytes. Each takes the index of a token's first
 * byte and returns the index after its last; none builds a value. They throw {@link SyntaxFault}. A zero byte is
 * valid nowhere in JSON, so that no loop has to compare its index with a length.
 */
export const sourcePadding = 8;

export const quote = 0x22;
export const backslash = 0x5c;
export const comma = 0x2c;
export const colon = 0x3a;
export const minus = 0x2d;
export const dot = 0x2e;
export const zero = 0x30;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;
export const letterN = 0x6e;
export const letterT = 0x74;
export const letterF = 0x66;

const space = 0x20;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const tab = 0x09;
const nine = 0x39;
export const plus = 0x2b;
export const letterU = 0x75;
export const upperE = 0x45;
export const lowerE = 0x65;

/** Bytes that may follow a backslash (RFC 8259, section 7). */
const escapable = new Uint8Array(256);
for (const letter of '"\\/bfnrtu') escapable[letter.charCodeAt(0)] = 1;

const hexadecimal = new Uint8Array(256);
for (const letter of '0123456789abcdefABCDEF') hexadecimal[letter.charCodeAt(0)] = 1;

/**
 * 1 for each byte that needs special treatment inside a string: the quote, the backslash, control characters, and all
 * bytes beyond ASCII.
 */
export const stringStop = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++)
  if (byte < space || byte === quote || byte === backslash || byte > 0x7f) stringStop[byte] = 1;

export const isDigit = (byte: number): boolean => byte >= zero && byte <= nine;

/** Decides whether the four bytes of a word are digits. */
export const areFourDigits = (word: number): boolean =>
  ((word & 0xf0f0f0f0) | (((word + 0x06060606) & 0xf0f0f0f0) >>> 4)) === 0x33333333;

export function skipSpace(source: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const byte = source[at] as number;
    if (byte > space) return at;
    if (byte !== space && byte !== lineFeed && byte !== carriageReturn && byte !== tab) return at;
    at++;
  }
}

export function malformed(source: Uint8Array, at: number, expected: string): never {
  // The padding consists of zeros; a zero byte inside the text gets the same message.
  const found = source[at] === 0 ? ', but the text ends or has a zero byte there' : '';
  throw new SyntaxFault('malformed-json', at, `${expected} expected${found}`);
}

/**
 * Returns the length of the UTF-8 sequence that begins at `at` with a byte above 0x7f; 0 where it is not well-formed
 * (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
 */
function utf8SequenceLength(source: Uint8Array, at: number): number {
  const lead = source[at] as number;
  const second = source[at + 1] as number;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return (second & 0xc0) === 0x80 ? 2 : 0;
  const third = source[at + 2] as number;
  if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) return 0;
  if (lead < 0xf0) {
    if (lead === 0xe0 && second < 0xa0) return 0;
    return lead === 0xed && second > 0x9f ? 0 : 3;
  }
  if (lead > 0xf4 || ((source[at + 3] as number) & 0xc0) !== 0x80) return 0;
  if (lead === 0xf0 && second < 0x90) return 0;
  return lead === 0xf4 && second > 0x8f ? 0 : 4;
}

/**
 * Skips a byte that {@link stringStop} marks, with what belongs to it; it must not be the closing quote.
 *
 * @param at index of that byte
 */
export function skipStringSpecial(source: Uint8Array, at: number): number {
  const byte = source[at] as number;
  if (byte === backslash) {
    const escaped = source[at + 1] as number;
    if (escapable[escaped] !== 1) malformed(source, at + 1, 'an escape such as \\n or \\u00e9');
    if (escaped !== letterU) return at + 2;
    for (let digit = at + 2; digit < at + 6; digit++)
      if (hexadecimal[source[digit] as number] !== 1) malformed(source, digit, 'a hex digit');
    return at + 6;
  }
  if (byte < space) malformed(source, at, 'a closing quote, or an escape for a control character,');
  const length = utf8SequenceLength(source, at);
  if (length === 0)
    throw new SyntaxFault('invalid-utf8', at, 'a well-formed UTF-8 sequence expected');
  return at + length;
}

/** Skips a string. @param start index of the opening quote */
export function skipString(source: Uint8Array, start: number): number {
  let at = start + 1;
  for (;;) {
    while (stringStop[source[at] as number] !== 1) at++;
    if (source[at] === quote) return at + 1;
    at = skipStringSpecial(source, at);
  }
}

/** Skips a number, following `number = [minus] int [frac] [exp]` (RFC 8259, section 6). */
export function skipNumber(source: Uint8Array, start: number): number {
  let at = start;
  if (source[at] === minus) at++;
  if (source[at] === zero) at++;
  else at = skipDigits(source, at);
  if (source[at] === dot) at = skipDigits(source, at + 1);
  const byte = source[at];
  if (byte === lowerE || byte === upperE) {
    const sign = source[at + 1];
    at = skipDigits(source, sign === plus || sign === minus ? at + 2 : at + 1);
  }
  return at;
}

function skipDigits(source: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(source[at] as number)) at++;
  if (at === start) malformed(source, at, 'a digit');
  return at;
}

export function skipLiteral(source: Uint8Array, start: number): number {
  switch (source[start]) {
    case letterT:
      if (source[start + 1] === 0x72 && source[start + 2] === 0x75 && source[start + 3] === 0x65)
        return start + 4;
      break;
    case letterF:
      if (
        source[start + 1] === 0x61 &&
        source[start + 2] === 0x6c &&
        source[start + 3] === 0x73 &&
        source[start + 4] === 0x65
      )
        return start + 5;
      break;
    case letterN:
      if (source[start + 1] === 0x75 && source[start + 2] === 0x6c && source[start + 3] === 0x6c)
        return start + 4;
      break;
  }
  return malformed(source, start, 'a JSON value');
}

/** Skips a member's name and colon. @returns the index of its value */
function skipKey(source: Uint8Array, start: number): number {
  if (source[start] !== quote) malformed(source, start, 'a member name in quotes');
  return skipKeyColon(source, skipString(source, start));
}

/** Skips a member's colon. @param keyEnd index after the member's name. @returns the index of its value */
export function skipKeyColon(source: Uint8Array, keyEnd: number): number {
  const at = skipSpace(source, keyEnd);
  if (source[at] !== colon) malformed(source, at, 'a colon');
  return skipSpace(source, at + 1);
}

/** Containers around the value that is being skipped, the innermost last. Grows with the deepest text seen. */
let containers = new Uint8Array(256);

/** Skips any value. Uses no recursion, so that only the text's length limits the depth. */
export function skipValue(source: Uint8Array, start: number): number {
  let at = start;
  let depth = 0;
  for (;;) {
    const byte = source[at] as number;
    if (byte === quote) at = skipString(source, at);
    else if (byte === openBrace || byte === openBracket) {
      at = skipSpace(source, at + 1);
      const close = byte + 2; // '}' is '{' + 2, and ']' is '[' + 2
      if (source[at] === close) at++;
      else {
        if (depth === containers.length) {
          const larger = new Uint8Array(depth * 2);
          larger.set(containers);
          containers = larger;
        }
        containers[depth++] = close;
        if (close === closeBrace) at = skipKey(source, at);
        continue;
      }
    } else if (byte === minus || isDigit(byte)) at = skipNumber(source, at);
    else at = skipLiteral(source, at);

    for (;;) {
      if (depth === 0) return at;
      at = skipSpace(source, at);
      const close = containers[depth - 1] as number;
      if (source[at] === comma) {
        at = skipSpace(source, at + 1);
        if (close === closeBrace) at = skipKey(source, at);
        break;
      }
      if (source[at] !== close)
        malformed(source, at, close === closeBrace ? 'a comma or }' : 'a comma or ]');
      at++;
      depth--;
    }
  }
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Encodes a text as a source. @returns its bytes followed by the padding, and the index where the padding begins */
export function sourceOf(text: string): { readonly bytes: Uint8Array; readonly end: number } {
  const encoded = encoder.encode(text);
  const bytes = new Uint8Array(encoded.length + sourcePadding);
  bytes.set(encoded);
  return { bytes, end: encoded.length };
}

/** Decodes a range of the source as text. */
export const textOf = (source: Uint8Array, start: number, end: number): string =>
  decoder.decode(source.subarray(start, end));

/** Returns the string that a string token stands for. The range includes its quotes. */
export function stringOf(source: Uint8Array, start: number, end: number): string {
  for (let at = start; at < end; at++)
    if (source[at] === backslash) return JSON.parse(textOf(source, start, end)) as string;
  return textOf(source, start + 1, end - 1);
}

export type JsonType = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/** Returns the type of a valid value, which its first byte determines. */
export function jsonTypeOf(first: number): JsonType {
  switch (first) {
    case quote:
      return 'string';
    case openBrace:
      return 'object';
    case openBracket:
      return 'array';
    case letterT:
    case letterF:
      return 'boolean';
    case letterN:
      return 'null';
    default:
      return 'number';
  }
}
