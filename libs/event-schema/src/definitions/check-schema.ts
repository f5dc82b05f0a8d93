import { pointerStep } from '@sluice/values';
import { isRecord } from './check-members';
import type { Refuse } from './definition-error';
import { patternComplaint } from '../pattern/pattern';
import { nodeShape } from '../schema/column-type';
import { supportedKeywords, type JsonSchema } from '../schema/json-schema';

/** Largest depth of a schema. Tables with deeper columns would be of no use, and checking them would take stack. */
const maxSchemaDepth = 64;

const typeNames: ReadonlySet<unknown> = new Set([
  'object',
  'array',
  'string',
  'integer',
  'number',
  'boolean',
  'null',
]);
const formats = ['date-time', 'date', 'decimal', 'uuid'];
/** Largest precision of a decimal, which is Hive's limit and fits in 128 bits. */
const maxPrecision = 38;

/** A sentence about the fault of a keyword's value; undefined where there is none. */
type Complaint = string | undefined;
type KeywordCheck = (value: unknown, schema: JsonSchema) => Complaint;

const isSchema = (value: unknown): value is JsonSchema => isRecord(value);

const unless = (valid: boolean, complaint: string): Complaint => (valid ? undefined : complaint);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

const text: KeywordCheck = (value) => unless(typeof value === 'string', 'must be a text');
const count: KeywordCheck = (value) => unless(isCount(value), 'must be a whole number from 0 on');
const number: KeywordCheck = (value) => unless(isNumber(value), 'must be a number');
const schemas: KeywordCheck = (value) =>
  unless(isRecord(value), 'must be an object of schemas by name');
const schema: KeywordCheck = (value) => unless(isRecord(value), 'must be a schema');

/** Adds to the check of an upper bound that it is not below its lower bound. */
const atLeast =
  (lower: 'minLength' | 'minItems' | 'minimum', check: KeywordCheck): KeywordCheck =>
  (value, { [lower]: bound }) =>
    check(value, {}) ??
    unless(
      bound === undefined || (value as number) >= bound,
      `${String(value)} is less than ${lower} ${bound}, so that no value fits`,
    );

const isFormat =
  (format: string, keyword: string): KeywordCheck =>
  (_, node) =>
    unless(node.format === format, `${keyword} goes with "format": "${format}"`);

const both =
  (...checks: readonly KeywordCheck[]): KeywordCheck =>
  (value, node) => {
    for (const check of checks) {
      const complaint = check(value, node);
      if (complaint) return complaint;
    }
    return undefined;
  };

const checks: Readonly<Record<string, KeywordCheck>> = {
  type: (value) => {
    const names: readonly unknown[] = Array.isArray(value) ? value : [value];
    const unknown = names.find((name) => !typeNames.has(name));
    if (names.length === 0) return 'names no type';
    if (new Set(names).size < names.length) return 'names a type twice';
    return unless(
      unknown === undefined,
      `${JSON.stringify(unknown)} is no type; use ${[...typeNames].join(', ')}`,
    );
  },
  title: text,
  description: text,
  properties: schemas,
  required: (value, { properties }) => {
    if (!Array.isArray(value) || !value.every((name) => typeof name === 'string'))
      return 'must be an array of names';
    if (new Set(value).size < value.length) return 'has a name twice';
    const missing = value.find((name) => !Object.hasOwn(properties ?? {}, name));
    return unless(
      missing === undefined,
      `"${missing}" is required but not among the properties; add it or drop it from the list`,
    );
  },
  additionalProperties: (value) =>
    unless(
      value === true || (isRecord(value) && Object.keys(value).length === 0),
      'members that the schema does not name are always accepted and kept in "unmapped"; leave it out, and use ' +
        '{"type": "object"} without properties for a free-form object',
    ),
  patternProperties: (value) =>
    unless(
      isRecord(value) &&
        Object.values(value).every((child) => isRecord(child) && Object.keys(child).length === 0),
      'the members of a free-form object are not checked; use {} (Type.Unknown()) for their values',
    ),
  items: schema,
  anyOf: (value, node) => {
    if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord))
      return 'must be an array of schemas';
    const sibling = Object.keys(node).find((keyword) => !annotations.has(keyword));
    return unless(
      sibling === undefined,
      `"${sibling}" beside anyOf would be ignored; move it into each alternative`,
    );
  },
  enum: (value) => {
    if (!Array.isArray(value) || value.length === 0) return 'must be an array of values';
    const distinct = new Set(value.map((item) => JSON.stringify(item)));
    return unless(distinct.size === value.length, 'has a value twice');
  },
  format: (value) =>
    unless(
      formats.includes(value as string),
      `"${String(value)}" is not checked by anything here; use ${formats.join(', ')}, or a pattern`,
    ),
  digits: both(isFormat('date-time', 'digits'), (value) =>
    unless(value === 0 || value === 3 || value === 6, 'must be 0, 3 or 6'),
  ),
  precision: both(isFormat('decimal', 'precision'), (value) =>
    unless(
      isCount(value) && (value as number) >= 1 && (value as number) <= maxPrecision,
      `must be 1 to ${maxPrecision}`,
    ),
  ),
  scale: both(isFormat('decimal', 'scale'), (value, { precision = maxPrecision }) =>
    unless(
      isCount(value) && (value as number) <= precision,
      `must be 0 to ${precision}, the precision`,
    ),
  ),
  pattern: patternComplaint,
  minLength: count,
  maxLength: atLeast('minLength', count),
  minItems: count,
  maxItems: atLeast('minItems', count),
  minimum: number,
  maximum: atLeast('minimum', number),
  exclusiveMinimum: number,
  exclusiveMaximum: number,
  multipleOf: both(number, (value) => unless((value as number) > 0, 'must be more than 0')),
  column: (value, node) => {
    if (typesOf(node).includes('object') && node.properties)
      return 'an object with properties has no column of its own; name those of its members';
    return unless(
      typeof value === 'string' && /^[a-z0-9_]+$/.test(value),
      'must be a name of lower-case letters, digits and underscores',
    );
  },
  access: (value) =>
    unless(
      value === 'restricted',
      'must be "restricted"; leave it out where everyone may see the value',
    ),
  uniqueItems: (value) => unless(typeof value === 'boolean', 'must be true or false'),
};

/**
 * Types to which keywords apply. A keyword is refused in a schema without any of its types, where it would have no
 * effect.
 */
const applicable: readonly (readonly [keywords: readonly string[], types: readonly string[]])[] = [
  [['properties', 'required', 'additionalProperties', 'patternProperties'], ['object']],
  [['items', 'minItems', 'maxItems', 'uniqueItems'], ['array']],
  [['pattern', 'minLength', 'maxLength'], ['string']],
  [['format'], ['string', 'number']],
  [
    ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
    ['integer', 'number', 'string'],
  ],
];

const typesOf = ({ type }: JsonSchema): readonly string[] =>
  typeof type === 'string' ? [type] : (type ?? []);

function misplaced(node: JsonSchema): { keyword: string; complaint: string } | undefined {
  const types = typesOf(node);
  for (const [keywords, wanted] of applicable)
    for (const keyword of keywords)
      if (keyword in node && !wanted.some((type) => types.includes(type)))
        return {
          keyword,
          complaint: `goes with "type": ${wanted.map((type) => `"${type}"`).join(' or ')}`,
        };
  return undefined;
}

/** Keywords that describe a value without restricting it. */
const annotations: ReadonlySet<string> = new Set([
  'anyOf',
  'title',
  'description',
  'examples',
  'default',
  'access',
]);

/** Checks a schema, and refuses its first fault. */
export function checkSchema(refuse: Refuse, node: JsonSchema, pointer: string, depth = 0): void {
  if (!isSchema(node)) return refuse(pointer, 'must be a schema, that is an object');
  if (depth > maxSchemaDepth)
    refuse(pointer, `schemas may be ${maxSchemaDepth} levels deep; use a free-form object here`);

  for (const [keyword, value] of Object.entries(node)) {
    const at = pointer + pointerStep(keyword);
    if (!supportedKeywords.has(keyword))
      refuse(
        at,
        `keyword "${keyword}" is not supported; use one of ${[...supportedKeywords].join(', ')}`,
      );
    const complaint = checks[keyword]?.(value, node);
    if (complaint) refuse(at, complaint);
  }
  const found = misplaced(node);
  if (found) refuse(pointer + pointerStep(found.keyword), found.complaint);
  for (const keyword of ['const', 'default'] as const)
    if (keyword in node && !hasType(node[keyword], node))
      refuse(`${pointer}/${keyword}`, 'is not of the type that the schema names');
  node.enum?.forEach((value, index) => {
    if (!hasType(value, node))
      refuse(`${pointer}/enum/${index}`, 'is not of the type that the schema names');
  });

  for (const [name, child] of Object.entries(node.properties ?? {}))
    checkSchema(refuse, child, `${pointer}/properties${pointerStep(name)}`, depth + 1);
  if (node.items) checkSchema(refuse, node.items, `${pointer}/items`, depth + 1);
  node.anyOf?.forEach((branch, index) =>
    checkSchema(refuse, branch, `${pointer}/anyOf/${index}`, depth + 1),
  );
  // Only now, since it reads the parts: an object may stand in a union with null.
  if (node.access !== undefined && nodeShape(node).shape === 'object')
    refuse(
      `${pointer}/access`,
      'an object with properties has no column of its own; restrict those of its members',
    );
}

function hasType(value: unknown, node: JsonSchema): boolean {
  const { type, anyOf, format } = node;
  if (anyOf) return anyOf.some((branch) => hasType(value, branch));
  if (type === undefined) return true;
  return typesOf(node).some((name) => {
    switch (name) {
      case 'null':
        return value === null;
      case 'array':
        return Array.isArray(value);
      case 'object':
        return isRecord(value);
      case 'integer':
        return Number.isInteger(value);
      case 'number':
        // Decimals are sent as numbers or, to keep their digits, as texts.
        return typeof value === 'number' || (format === 'decimal' && typeof value === 'string');
      default:
        return typeof value === name || (format === 'decimal' && typeof value === 'number');
    }
  });
}
