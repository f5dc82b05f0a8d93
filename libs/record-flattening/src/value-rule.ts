import { patternMatcher, type JsonSchema } from '@sluice/event-schema';
import { compareNumbers, isMultipleOf, isUuid } from '@sluice/values';
import type { FaultCode, Violation } from './fault';
import { MemberIndex } from './member-index';
import { quote, stringOf, textOf } from './json-scanner';

const encoder = new TextEncoder();

/** Checks one token: a string with its quotes, a number, or a boolean. Its type must have been checked before. */
export type ValueRule = (source: Uint8Array, start: number, end: number) => Violation | undefined;

/** Rule for a text: a decoded string, or the text of another token. */
type TextRule = (text: string) => Violation | undefined;

const violation = (code: FaultCode, detail: string): Violation => ({ code, detail });

const listed = (values: readonly unknown[]): string => {
  const shown = values.slice(0, 10).map((value) => JSON.stringify(value));
  return shown.join(', ') + (values.length > shown.length ? ', …' : '');
};

const allOf = (rules: readonly TextRule[]): TextRule | undefined => {
  const [first, ...rest] = rules;
  if (!first || rest.length === 0) return first;
  return (text) => {
    for (const rule of rules) {
      const found = rule(text);
      if (found) return found;
    }
    return undefined;
  };
};

/** Returns the values that `enum` or `const` allow; undefined where the schema has neither. */
export const allowedValues = (schema: JsonSchema): readonly unknown[] | undefined =>
  schema.enum ?? ('const' in schema ? [schema.const] : undefined);

const literalCode = (schema: JsonSchema): 'enum' | 'const' => (schema.enum ? 'enum' : 'const');

const codePoints = (text: string): number => {
  let count = text.length;
  for (let at = 0; at < text.length; at++) if ((text.codePointAt(at) ?? 0) > 0xffff) count--;
  return count;
};

function stringRules(schema: JsonSchema): readonly TextRule[] {
  const rules: TextRule[] = [];
  const values = allowedValues(schema);
  if (values) {
    const allowed = new Set(values);
    const found = violation(literalCode(schema), `the value must be one of ${listed(values)}`);
    rules.push((text) => (allowed.has(text) ? undefined : found));
  }
  const { minLength, maxLength, pattern, format } = schema;
  if (minLength !== undefined) {
    const found = violation('minLength', `the text must have at least ${minLength} characters`);
    rules.push((text) => (codePoints(text) < minLength ? found : undefined));
  }
  if (maxLength !== undefined) {
    const found = violation('maxLength', `the text must have at most ${maxLength} characters`);
    // A text never has more characters than UTF-16 units, so most texts need no counting.
    rules.push((text) =>
      text.length > maxLength && codePoints(text) > maxLength ? found : undefined,
    );
  }
  if (pattern !== undefined) {
    const expression = patternMatcher(pattern);
    const found = violation('pattern', `the text must match ${pattern}`);
    rules.push((text) => (expression.test(text) ? undefined : found));
  }
  if (format === 'uuid') {
    const found = violation('format', 'the text must be a UUID (RFC 9562)');
    rules.push((text) => (isUuid(text) ? undefined : found));
  }
  return rules;
}

function numberRules(schema: JsonSchema): readonly TextRule[] {
  const rules: TextRule[] = [];
  const values = allowedValues(schema);
  if (values) {
    const isAllowed = (value: unknown): boolean =>
      typeof value === 'number' || schema.format === 'decimal';
    const allowed = values.filter(isAllowed).map(String);
    const found = violation(literalCode(schema), `the value must be one of ${listed(values)}`);
    rules.push((text) =>
      allowed.some((value) => value === text || compareNumbers(text, value) === 0)
        ? undefined
        : found,
    );
  }
  const bound = (
    code: 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum',
    words: string,
    conforms: (comparison: number) => boolean,
  ): void => {
    const limit = schema[code];
    if (limit === undefined) return;
    const found = violation(code, `the value must be ${words} ${limit}`);
    rules.push((text) => (conforms(compareNumbers(text, String(limit))) ? undefined : found));
  };
  bound('minimum', 'at least', (comparison) => comparison >= 0);
  bound('maximum', 'at most', (comparison) => comparison <= 0);
  bound('exclusiveMinimum', 'more than', (comparison) => comparison > 0);
  bound('exclusiveMaximum', 'less than', (comparison) => comparison < 0);
  const { multipleOf } = schema;
  if (multipleOf !== undefined) {
    const found = violation('multipleOf', `the value must be a multiple of ${multipleOf}`);
    rules.push((text) => (isMultipleOf(text, String(multipleOf)) ? undefined : found));
  }
  return rules;
}

function booleanRules(schema: JsonSchema): readonly TextRule[] {
  const values = allowedValues(schema);
  if (!values) return [];
  const found = violation(literalCode(schema), `the value must be one of ${listed(values)}`);
  return [(text) => (values.includes(text === 'true') ? undefined : found)];
}

const tokenRules = { string: stringRules, number: numberRules, boolean: booleanRules };

type Token = keyof typeof tokenRules;

function textRule(schema: JsonSchema, token: Token): TextRule | undefined {
  const own = tokenRules[token](schema);
  if (!schema.anyOf?.length) return allOf(own);
  const branches = schema.anyOf
    .filter(({ type }) => type !== 'null')
    .map((branch) => textRule(branch, token));
  const constrained = branches.filter((branch) => branch !== undefined);
  // A branch without a rule accepts every value of the type.
  if (constrained.length < branches.length) return allOf(own);
  const found = violation('anyOf', 'the value fits none of the alternatives that the schema names');
  return allOf([
    ...own,
    (text) => (constrained.some((branch) => !branch(text)) ? undefined : found),
  ]);
}

/** Largest number of bytes for one character of a string: two escaped surrogates. */
const maxCharacterBytes = 12;

/** Returns the rules that can be checked on a string's bytes, without decoding it. */
function byteRule(schema: JsonSchema): ValueRule | undefined {
  const values = allowedValues(schema);
  const { minLength = 0, maxLength = Infinity, pattern, format } = schema;
  if (schema.anyOf?.length || pattern !== undefined || format === 'uuid') return undefined;
  if (values) {
    if (minLength > 0 || maxLength < Infinity) return undefined;
    const index = new MemberIndex();
    for (const value of values) index.add(encoder.encode(JSON.stringify(value)), 0);
    const found = violation(literalCode(schema), `the value must be one of ${listed(values)}`);
    return (source, start, end) => (index.find(source, start, end) < 0 ? found : undefined);
  }
  const rule = textRule(schema, 'string');
  return (
    rule &&
    ((source, start, end) => {
      const bytes = end - start - 2;
      if (bytes <= maxLength && bytes >= minLength * maxCharacterBytes) return undefined;
      return rule(stringOf(source, start, end));
    })
  );
}

/**
 * Returns the rules of a schema node apart from its type; undefined where it has none. `format` is a rule only for
 * `uuid`.
 */
export function valueRule(schema: JsonSchema, token: Token): ValueRule | undefined {
  const rule = textRule(schema, token);
  if (!rule) return undefined;
  const ofBytes = token === 'string' ? byteRule(schema) : undefined;
  if (ofBytes) return ofBytes;
  return token === 'string'
    ? (source, start, end) => rule(stringOf(source, start, end))
    : (source, start, end) => rule(textOf(source, start, end));
}

/** Returns the rules of decimals, which clients send as numbers or, to keep all digits, as texts. */
export function decimalRule(schema: JsonSchema): ValueRule | undefined {
  const ofNumber = textRule(schema, 'number');
  // Enumerated decimals are compared as numbers: "1.50" equals "1.5".
  const { minLength, maxLength, pattern } = schema;
  const ofString = textRule(
    {
      ...(minLength !== undefined && { minLength }),
      ...(maxLength !== undefined && { maxLength }),
      ...(pattern !== undefined && { pattern }),
    },
    'string',
  );
  if (!ofNumber && !ofString) return undefined;
  return (source, start, end) => {
    if (source[start] !== quote) return ofNumber?.(textOf(source, start, end));
    const text = stringOf(source, start, end);
    return ofString?.(text) ?? ofNumber?.(text);
  };
}
