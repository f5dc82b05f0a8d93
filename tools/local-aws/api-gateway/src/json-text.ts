import { endOfString, endOfValue, skipSpace } from '@sluice/values/json-scan';
import { isSameNumber } from '@sluice/values';
import type { JsonPathStep } from './json-path';

/** Range of a value in its text; `end` is exclusive. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads values out of valid JSON text without parsing numbers or objects, so that 64-bit integers, `__proto__`, the
 * order of members and every string are preserved as they were sent.
 *
 * The elements of an array and large members are located on first use and remembered, so that walking `$.events` by
 * index costs one scan.
 */
export class JsonText {
  readonly #elements = new Map<number, readonly Span[]>();
  /** Positions of large members, by the start of their object. There are few, because they lie within the text. */
  readonly #largeMembers = new Map<number, Map<string, Span>>();

  /** @param text valid JSON; the results for any other text are undefined */
  constructor(readonly text: string) {}

  /** Returns the text of the value at a path, as it was sent; undefined where there is no value. */
  at(path: readonly JsonPathStep[]): string | undefined {
    let span: Span | undefined = { start: skipSpace(this.text, 0), end: this.text.length };
    for (const step of path) {
      span =
        typeof step === 'number'
          ? this.#elementsOf(span.start)[step]
          : this.#memberOf(span.start, step);
      if (!span) return undefined;
    }
    return this.text.slice(span.start, span.end).trimEnd();
  }

  #memberOf(start: number, name: string): Span | undefined {
    const known = this.#largeMembers.get(start)?.get(name);
    if (known) return known;
    const span = findMember(this.text, start, name);
    if (span && span.end - span.start > largeMember) {
      const members = this.#largeMembers.get(start) ?? new Map<string, Span>();
      this.#largeMembers.set(start, members.set(name, span));
    }
    return span;
  }

  #elementsOf(start: number): readonly Span[] {
    let elements = this.#elements.get(start);
    if (!elements) this.#elements.set(start, (elements = locateElements(this.text, start)));
    return elements;
  }
}

/** Length in characters from which on a member is remembered, because scanning it again would be slow. */
const largeMember = 4096;

const quote = 0x22;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const minus = 0x2d;

/** Returns the positions of an array's elements; none where the value is not an array. */
function locateElements(text: string, start: number): readonly Span[] {
  const elements: Span[] = [];
  if (text.charCodeAt(start) !== openBracket) return elements;
  let at = skipSpace(text, start + 1);
  while (at < text.length && text.charCodeAt(at) !== closeBracket) {
    const end = endOfValue(text, at);
    elements.push({ start: at, end });
    at = skipSeparator(text, end);
  }
  return elements;
}

/**
 * Returns the position of a member's value. Where several members have the name, the last one counts, as in
 * `JSON.parse`.
 */
function findMember(text: string, start: number, name: string): Span | undefined {
  if (text.charCodeAt(start) !== openBrace) return undefined;
  let found: Span | undefined;
  let at = skipSpace(text, start + 1);
  while (at < text.length && text.charCodeAt(at) !== closeBrace) {
    const nameEnd = endOfString(text, at);
    const written = text.slice(at + 1, nameEnd - 1);
    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1); // past the colon
    const end = endOfValue(text, valueStart);
    const isWanted = written.includes('\\')
      ? JSON.parse(text.slice(at, nameEnd)) === name
      : written === name;
    if (isWanted) found = { start: valueStart, end };
    at = skipSeparator(text, end);
  }
  return found;
}

function skipSeparator(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text.charCodeAt(at) === comma ? skipSpace(text, at + 1) : at;
}

/**
 * Returns JSON text in API Gateway's spelling: no white space, integers with all their digits, other numbers as Java
 * prints a double (`1.10` → `1.1`). Numbers that Java would print with another value stay as they are.
 */
export function rewriteJson(text: string): string {
  let rewritten = '';
  let keptFrom = 0;
  const replace = (start: number, end: number, replacement: string): void => {
    rewritten += text.slice(keptFrom, start) + replacement;
    keptFrom = end;
  };
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    const isNumber = code === minus || (code >= 0x30 && code <= 0x39);
    let end = at + 1;
    if (code === quote) end = endOfString(text, at);
    else if (code <= 0x20) replace(at, (end = skipSpace(text, at)), '');
    else if (isNumber) {
      end = endOfValue(text, at);
      const written = text.slice(at, end);
      const printed = /[.eE]/.test(written) ? javaDouble(written) : written;
      if (printed !== written) replace(at, end, printed);
    }
    at = end;
  }
  return keptFrom === 0 ? text : rewritten + text.slice(keptFrom);
}

/** Matches most numbers that people and programs write; Java prints these unchanged. */
const plainDouble = /^-?(?:[1-9]\d{0,5}|0(?=\.0{0,2}[1-9]))\.\d{0,7}[1-9]$/;

/** Returns a number as Java's `Double.toString` prints it; returns the text itself where that has another value. */
export function javaDouble(text: string): string {
  if (plainDouble.test(text)) return text;
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  const printed = printedByJava(value);
  return isSameNumber(printed, text) ? printed : text;
}

function printedByJava(value: number): string {
  const size = Math.abs(value);
  if (Object.is(value, -0)) return '-0.0';
  if (size === 0) return '0.0';
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${exponent.replace('+', '')}`;
}
