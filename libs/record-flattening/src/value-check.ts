import type { JsonSchema } from '@sluice/event-schema';
import {
  decimalParts,
  isDateAt,
  maxTimestampBytes,
  pointerStep,
  writeTimestamp,
} from '@sluice/values';
import { canonicalText } from './canonical-json';
import type { Violation } from './fault';
import {
  closeBrace,
  closeBracket,
  comma,
  isDigit,
  jsonTypeOf,
  malformed,
  minus,
  openBrace,
  openBracket,
  quote,
  skipKeyColon,
  skipSpace,
  skipString,
  skipValue,
  sourceOf,
  stringOf,
  textOf,
} from './json-scanner';
import { MemberIndex } from './member-index';
import { allowedValues, valueRule } from './value-rule';

const encoder = new TextEncoder();

/**
 * Skips a value and checks it against a schema, including members and elements. Used for values that a column holds
 * as JSON text, into which no other plan looks.
 *
 * Where several members have one name, each is checked. Recursion goes as deep as the schema, not as the text.
 *
 * @returns the index after the value.
 * @throws SyntaxFault
 */
export type ValueCheck = (source: Uint8Array, start: number, report: CheckReport) => number;

/** Collects the first violation of a value, and its location. */
export class CheckReport {
  violation: Violation | undefined = undefined;
  /** JSON pointer from the checked value to the violation. */
  below = '';
  readonly #path: string[] = [];

  add(violation: Violation | undefined): void {
    if (violation === undefined || this.violation !== undefined) return;
    this.violation = violation;
    this.below = this.#path.join('');
  }

  /** Runs a check on a member or element. */
  under(step: string, check: ValueCheck, source: Uint8Array, start: number): number {
    this.#path.push(step);
    const end = check(source, start, this);
    this.#path.pop();
    return end;
  }
}

/** Returns a table by first byte: 1 where a value with that first byte has one of the types. */
const firstBytes = (types: readonly string[]): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (types.includes(jsonTypeOf(byte)) ? 1 : 0));

/** Checks a value that was skipped already. */
type Judge = (source: Uint8Array, start: number, end: number, report: CheckReport) => void;

/** Compiles the check of a schema. @returns undefined where the schema accepts any value */
export function valueCheck(schema: JsonSchema): ValueCheck | undefined {
  const items = itemsCheck(schema);
  const members = membersCheck(schema);
  const judges = [
    typeJudge(schema),
    scalarJudge(schema),
    timeJudge(schema),
    literalJudge(schema),
    unionJudge(schema),
  ].filter((judge) => judge !== undefined);
  if (!items && !members && judges.length === 0) return undefined;
  return (source, start, report) => {
    let pass: ValueCheck | undefined;
    if (source[start] === openBracket) pass = items;
    else if (source[start] === openBrace) pass = members;
    const end = (pass ?? skipValue)(source, start, report);
    for (const judge of judges) judge(source, start, end, report);
    return end;
  };
}

function typeJudge({ type }: JsonSchema): Judge | undefined {
  if (type === undefined) return undefined;
  const names = typeof type === 'string' ? [type] : type;
  const onlyIntegers = names.includes('integer') && !names.includes('number');
  const allowed = firstBytes(names.map((name) => (name === 'integer' ? 'number' : name)));
  const wanted = names.join(' or ');
  return (source, start, end, report) => {
    const first = source[start] as number;
    if (allowed[first] === 1) {
      if (onlyIntegers && jsonTypeOf(first) === 'number' && hasFraction(source, start, end))
        report.add({
          code: 'type',
          detail: `a number with a fraction where the schema wants ${wanted}`,
        });
      return;
    }
    const found = jsonTypeOf(first);
    report.add({
      code: found === 'null' ? 'null' : 'type',
      detail: `${found} where the schema wants ${wanted}`,
    });
  };
}

function hasFraction(source: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++)
    if (source[at] !== minus && !isDigit(source[at] as number))
      return decimalParts(textOf(source, start, end)).exponent < 0;
  return false;
}

function scalarJudge(schema: JsonSchema): Judge | undefined {
  const own = { ...schema, anyOf: [] };
  const stringRule = valueRule(own, 'string');
  const numberRule = valueRule(own, 'number');
  if (!stringRule && !numberRule) return undefined;
  return (source, start, end, report) => {
    const type = jsonTypeOf(source[start] as number);
    if (type === 'string') report.add(stringRule?.(source, start, end));
    if (type === 'number') report.add(numberRule?.(source, start, end));
  };
}

/** Returns the check of dates and times, which follows the rules of date and time columns although the text is kept. */
function timeJudge({ format }: JsonSchema): Judge | undefined {
  if (format !== 'date' && format !== 'date-time') return undefined;
  const scratch = new Uint8Array(maxTimestampBytes);
  return (source, start, _, report) => {
    if (source[start] !== quote) return;
    const text = sourceOf(stringOf(source, start, skipString(source, start)));
    const fits =
      format === 'date'
        ? isDateAt(text.bytes, 0, text.end)
        : writeTimestamp(text.bytes, 0, text.end, 6, scratch, 0) !== 'invalid';
    if (!fits) report.add({ code: 'format', detail: `the text is not a ${format} (RFC 3339)` });
  };
}

/** Returns the check of `enum` and `const` for values other than strings and numbers, which have their own rules. */
function literalJudge(schema: JsonSchema): Judge | undefined {
  const values = allowedValues(schema);
  if (!values) return undefined;
  const allowed = new Set(values.map((value) => canonicalText(JSON.stringify(value))));
  return (source, start, end, report) => {
    const type = jsonTypeOf(source[start] as number);
    if (type === 'string' || type === 'number') return;
    if (!allowed.has(canonicalText(textOf(source, start, end))))
      report.add({
        code: schema.enum ? 'enum' : 'const',
        detail: 'the value is none of those that the schema names',
      });
  };
}

function unionJudge({ anyOf }: JsonSchema): Judge | undefined {
  const branches = (anyOf ?? []).map(valueCheck);
  if (branches.length === 0 || branches.some((branch) => !branch)) return undefined;
  return (source, start, _, report) => {
    const fits = branches.some((branch) => {
      const attempt = new CheckReport();
      branch?.(source, start, attempt);
      return attempt.violation === undefined;
    });
    if (!fits)
      report.add({
        code: 'anyOf',
        detail: 'the value fits none of the alternatives that the schema names',
      });
  };
}

/**
 * Returns the check of an array. Also used alone for columns that are arrays of scalars, whose plan checks the
 * elements.
 */
export function itemsCheck(schema: JsonSchema): ValueCheck | undefined {
  const { minItems = 0, maxItems = Infinity, uniqueItems = false } = schema;
  const check = (schema.items && valueCheck(schema.items)) ?? skipValue;
  if (check === skipValue && minItems === 0 && maxItems === Infinity && !uniqueItems)
    return undefined;
  return (source, start, report) => {
    const seen = new Set<string>();
    let count = 0;
    let at = skipSpace(source, start + 1);
    if (source[at] === closeBracket) at++;
    else
      for (;;) {
        const element = at;
        at = report.under(`/${count}`, check, source, at);
        if (uniqueItems) {
          const text = canonicalText(textOf(source, element, at));
          if (seen.has(text))
            report.add({ code: 'uniqueItems', detail: 'no two elements may be the same' });
          seen.add(text);
        }
        count++;
        at = skipSpace(source, at);
        if (source[at] === comma) at = skipSpace(source, at + 1);
        else if (source[at] === closeBracket) {
          at++;
          break;
        } else malformed(source, at, 'a comma or ]');
      }
    if (count < minItems)
      report.add({ code: 'minItems', detail: `the array must have at least ${minItems} elements` });
    if (count > maxItems)
      report.add({ code: 'maxItems', detail: `the array must have at most ${maxItems} elements` });
    return at;
  };
}

interface MemberCheck {
  readonly step: string;
  readonly required: boolean;
  readonly check: ValueCheck;
}

/** Returns the check of an object and its members. */
function membersCheck(schema: JsonSchema): ValueCheck | undefined {
  const index = new MemberIndex();
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, child], place): MemberCheck => {
      index.add(encoder.encode(JSON.stringify(name)), place);
      // The sender may leave out a member that has a default.
      const required = (schema.required?.includes(name) ?? false) && child.default === undefined;
      return { step: pointerStep(name), required, check: valueCheck(child) ?? skipValue };
    },
  );
  const required = members.filter((member) => member.required);
  if (required.length === 0 && members.every(({ check }) => check === skipValue)) return undefined;

  return (source, start, report) => {
    const seen = new Set<MemberCheck>();
    let at = skipSpace(source, start + 1);
    if (source[at] === closeBrace) at++;
    else
      for (;;) {
        const keyStart = at;
        if (source[at] !== quote) malformed(source, at, 'a member name in quotes');
        const keyEnd = skipString(source, at);
        at = skipKeyColon(source, keyEnd);
        const member = members[index.find(source, keyStart, keyEnd)];
        if (member) {
          seen.add(member);
          at = report.under(member.step, member.check, source, at);
        } else at = skipValue(source, at);
        at = skipSpace(source, at);
        if (source[at] === comma) at = skipSpace(source, at + 1);
        else if (source[at] === closeBrace) {
          at++;
          break;
        } else malformed(source, at, 'a comma or }');
      }
    for (const member of required)
      if (!seen.has(member)) report.under(member.step, missing, source, start);
    return at;
  };
}

const missing: ValueCheck = (_, start, report) => {
  report.add({ code: 'required', detail: 'the value is missing' });
  return start;
};
