import type { JsonPathStep } from './json-path';

/** Where a value stands in its text: `[start, end)`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Valid JSON text, read where it stands. Nothing is parsed into numbers or objects, so 64-bit integers,
 * `__proto__`, the order of members and every string travel as they were sent.
 *
 * Members of a value are located on first use and remembered, so that walking an array by index costs one scan.
 */
export class JsonText {
  readonly #members = new Map<number, ReadonlyMap<JsonPathStep, Span>>();

  /** @param text must be valid; what comes out of invalid text is not defined. */
  constructor(readonly text: string) {}

  /** Text of the value at a path, as it was sent; undefined where there is none. */
  at(path: readonly JsonPathStep[]): string | undefined {
    let span: Span | undefined = { start: skipSpace(this.text, 0), end: this.text.length };
    for (const step of path) {
      span = this.#membersOf(span).get(step);
      if (!span) return undefined;
    }
    return this.text.slice(span.start, span.end).trimEnd();
  }

  #membersOf({ start }: Span): ReadonlyMap<JsonPathStep, Span> {
    let members = this.#members.get(start);
    if (!members) {
      members = locateMembers(this.text, start);
      this.#members.set(start, members);
    }
    return members;
  }
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** @returns the position after the closing quote. */
function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

/** @returns the position after the value that begins at `start`. */
function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return stringEnd(text, start);
  if (first !== openBrace && first !== openBracket) {
    let at = start;
    while (at < text.length && !isDelimiter(text.charCodeAt(at))) at++;
    return at;
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = stringEnd(text, at) - 1;
    else if (code === openBrace || code === openBracket) depth++;
    else if ((code === closeBrace || code === closeBracket) && --depth === 0) return at + 1;
  }
  return text.length;
}

const isDelimiter = (code: number): boolean =>
  code <= 0x20 || code === 0x2c || code === closeBrace || code === closeBracket;

function locateMembers(text: string, start: number): ReadonlyMap<JsonPathStep, Span> {
  const members = new Map<JsonPathStep, Span>();
  const opening = text.charCodeAt(start);
  if (opening !== openBrace && opening !== openBracket) return members;
  let at = skipSpace(text, start + 1);
  for (let index = 0; at < text.length; index++) {
    const code = text.charCodeAt(at);
    if (code === closeBrace || code === closeBracket) break;
    let step: JsonPathStep = index;
    if (opening === openBrace) {
      const end = stringEnd(text, at);
      step = JSON.parse(text.slice(at, end)) as string;
      at = skipSpace(text, skipSpace(text, end) + 1); // past the colon
    }
    const end = valueEnd(text, at);
    members.set(step, { start: at, end }); // of several members of one name the last counts
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === 0x2c) at = skipSpace(text, at + 1);
  }
  return members;
}

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\s+/g;

/**
 * JSON text as API Gateway writes it again: no white space, integers with all their digits, other numbers as
 * Java prints a double (`1.10` → `1.1`). Numbers that a double can't hold stay as they are.
 */
export const rewriteJson = (text: string): string =>
  text.replace(tokens, (token) => {
    const first = token.charCodeAt(0);
    if (first === quote) return token;
    if (first <= 0x20) return '';
    return /[.eE]/.test(token) ? javaDouble(token) : token;
  });

const maxDoubleDigits = 17;

/** How `Double.toString` of Java prints a number; the text itself where a double would lose something. */
export function javaDouble(text: string): string {
  const value = Number(text);
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  if (!Number.isFinite(value) || digits.length > maxDoubleDigits) return text;
  const size = Math.abs(value);
  if (Object.is(value, -0)) return '-0.0';
  if (size === 0) return '0.0';
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${exponent.replace('+', '')}`;
}
