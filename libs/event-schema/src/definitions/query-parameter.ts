import {
  parseDate,
  parseInt64,
  parseTime,
  pointerStep,
  readTime,
  sqlTimeText,
} from '@sluice/values';
import { isRecord } from './check-members';
import type { Refuse } from './definition-error';
import { patternComplaint, patternMatcher } from '../pattern/pattern';
import type { JsonSchema } from '../schema/json-schema';

export type ParameterType = 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp';

export interface ParameterDefinition {
  readonly type: ParameterType;
  readonly description?: string;
  /** Regular expression (ECMAScript, `u`) that has to match somewhere in a string. */
  readonly pattern?: string;
  /** Largest number of characters in a string. */
  readonly maxLength?: number;
  readonly enum?: readonly ParameterValue[];
  /** Smallest value of an integer or a number, inclusive. */
  readonly minimum?: number;
  /** Largest value of an integer or a number, inclusive. */
  readonly maximum?: number;
  /** Value where the caller gives none. Without a default, the caller must give a value. */
  readonly default?: ParameterValue;
}

/** A value in JSON. Integers beyond 2^53 are texts. */
export type ParameterValue = string | number | boolean;

/** A value in the form for engines: an integer is a bigint, dates and timestamps are texts. */
export type BoundValue = string | bigint | number | boolean;

const types: readonly ParameterType[] = [
  'string',
  'integer',
  'number',
  'boolean',
  'date',
  'timestamp',
];
const restrictions: Readonly<Record<string, readonly ParameterType[]>> = {
  pattern: ['string'],
  maxLength: ['string'],
  minimum: ['integer', 'number'],
  maximum: ['integer', 'number'],
};
const members: ReadonlySet<string> = new Set<keyof ParameterDefinition>([
  'type',
  'description',
  'pattern',
  'maxLength',
  'enum',
  'minimum',
  'maximum',
  'default',
]);

/** Refuses a parameter that accepts no value, or that has a restriction which its type lacks. */
export function checkParameter(
  refuse: Refuse,
  pointer: string,
  parameter: ParameterDefinition,
): void {
  const given: unknown = parameter;
  if (!isRecord(given)) refuse(pointer, 'must be an object such as { type: "date" }');
  if (!types.includes(parameter.type))
    refuse(`${pointer}/type`, `"${parameter.type}" is none of ${types.join(', ')}`);
  for (const [member, value] of Object.entries(parameter)) {
    const at = pointer + pointerStep(member);
    if (!members.has(member)) refuse(at, `unknown member; use ${[...members].join(', ')}`);
    const fitting = restrictions[member];
    if (fitting && !fitting.includes(parameter.type))
      refuse(at, `goes with "type": ${fitting.map((type) => `"${type}"`).join(' or ')}`);
    const isNumber = member === 'minimum' || member === 'maximum' || member === 'maxLength';
    if (isNumber && !Number.isFinite(value)) refuse(at, 'must be a number');
  }
  if (parameter.pattern !== undefined) {
    const complaint = patternComplaint(parameter.pattern);
    if (complaint !== undefined) refuse(`${pointer}/pattern`, complaint);
  }
  const { minimum = -Infinity, maximum = Infinity } = parameter;
  if (minimum > maximum)
    refuse(
      `${pointer}/maximum`,
      `${maximum} is less than minimum ${minimum}, so that no value fits`,
    );
  if (parameter.enum?.length === 0) refuse(`${pointer}/enum`, 'has no values; leave it out');
  const { enum: values, ...open } = parameter;
  values?.forEach((value, index) => {
    const read = readParameter(open, value);
    if ('complaint' in read) refuse(`${pointer}/enum/${index}`, read.complaint);
  });
  if (parameter.default !== undefined) {
    const read = readParameter(parameter, parameter.default);
    if ('complaint' in read) refuse(`${pointer}/default`, read.complaint);
  }
}

/** Reads a parameter's value into the form for engines, or says why it is not valid. */
export function readParameter(
  parameter: ParameterDefinition,
  value: unknown,
): { readonly value: BoundValue } | { readonly complaint: string } {
  const read = readType(parameter.type, value);
  if (read === undefined) return { complaint: `must be ${expected[parameter.type]}` };
  const { pattern, maxLength, minimum, maximum, enum: values } = parameter;
  const allowed = values?.map((each) => readType(parameter.type, each));
  if (allowed && !allowed.includes(read))
    return { complaint: `must be one of ${(values ?? []).map(String).join(', ')}` };
  if (typeof read === 'string') {
    if (/\p{Surrogate}/u.test(read)) return { complaint: 'holds half a surrogate pair' };
    if (read.includes('\0')) return { complaint: "holds a null character, which SQL can't hold" };
    if (maxLength !== undefined && Array.from(read).length > maxLength)
      return { complaint: `must have at most ${maxLength} characters` };
    if (pattern !== undefined && !patternMatcher(pattern).test(read))
      return { complaint: `must match ${pattern}` };
  } else if (typeof read !== 'boolean') {
    if (minimum !== undefined && read < minimum)
      return { complaint: `must be at least ${minimum}` };
    if (maximum !== undefined && read > maximum) return { complaint: `must be at most ${maximum}` };
  }
  return { value: read };
}

const expected: Readonly<Record<ParameterType, string>> = {
  string: 'a text',
  integer: 'an integer of 64 bits (beyond 2^53 as a text)',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date such as 2026-01-31',
  timestamp: 'a time in UTC such as 2026-01-31T12:00:00.000Z',
};

function readType(type: ParameterType, value: unknown): BoundValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'integer':
      if (typeof value === 'string') return parseInt64(value);
      return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    case 'date':
      return typeof value === 'string' && parseDate(value) !== undefined ? value : undefined;
    case 'timestamp':
      return typeof value === 'string' ? utcTime(value) : undefined;
  }
}

/**
 * Writes a time in UTC as `2026-01-31 12:00:00.000`, with all digits of a second that were given, and at least three.
 */
function utcTime(text: string): string | undefined {
  const time = readTime(text);
  const micros = parseTime(text);
  if (!time || micros === undefined || (time.offsetMinutes ?? 0) !== 0) return undefined;
  return sqlTimeText(micros, 'micros', Math.max(3, time.fraction.length));
}

/** Describes the values that a caller may send for a parameter, as JSON Schema. */
export function parameterSchema(parameter: ParameterDefinition): JsonSchema {
  const { type, ...rest } = parameter;
  switch (type) {
    case 'integer':
      return { type: ['integer', 'string'], ...rest };
    case 'date':
      return { type: 'string', format: 'date', ...rest };
    case 'timestamp':
      return { type: 'string', format: 'date-time', ...rest };
    default:
      return { type, ...rest };
  }
}
