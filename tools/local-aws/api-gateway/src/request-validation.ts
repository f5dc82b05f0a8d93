import { patternMatcher, type PatternMatcher } from '@sluice/event-schema';
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv-draft-04';

type JsonObject = Readonly<Record<string, unknown>>;

/** Says what is wrong with a value, or undefined. */
export type BodyValidator = (value: unknown) => string | undefined;

/** One for all models: what checks the models themselves takes it longer to compile than most of them. */
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  validateFormats: false,
  logger: false,
  addUsedSchema: false,
  code: { regExp: linearPattern },
});

/** The engine for `pattern`. Texts come from strangers, and one of them must not hold up the whole stack. */
function linearPattern(pattern: string): PatternMatcher & { toString(): string } {
  const matcher = patternMatcher(pattern);
  // Ajv tells patterns apart by their text.
  return { test: (text) => matcher.test(text), toString: () => pattern };
}
linearPattern.code = 'linearPattern';

// Ajv compares each element with each other one, which takes hours for an array that fits into a body.
ajv.removeKeyword('uniqueItems');
ajv.addKeyword({
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  error: { message: 'array must not contain duplicate elements' },
  validate: (isWanted: boolean, elements: readonly unknown[]) =>
    !isWanted || new Set(elements.map(canonicalText)).size === elements.length,
});

/** A text that two values share where they are equal, whatever the order of their members. */
const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/**
 * Takes a request model, draft 4. References go to `#/components/schemas/…` of the document; the model is
 * compiled with them when the first body comes.
 *
 * Faults read as API Gateway's validator words them, each with the JSON pointer of its place in front, which
 * API Gateway leaves out, and without the values, which it quotes: they are an event's, and faults are logged.
 *
 * @throws Error where the model, or one of the document's, is no schema of draft 4
 */
export function requestModel(
  schema: unknown,
  schemas: Readonly<Record<string, unknown>> = {},
): BodyValidator {
  for (const one of [schema, ...Object.values(schemas)])
    void ajv.validateSchema(one as JsonObject, true);
  let compiled: ValidateFunction | undefined;
  return (value) => {
    const validate = (compiled ??= ajv.compile({
      ...(schema as JsonObject),
      components: { schemas },
    }));
    if (validate(value)) return undefined;
    const faults = leafErrors(validate.errors ?? [])
      .slice(0, maxReportedFaults)
      .map((error) => `${error.instancePath || '/'}: ${faultText(error, value)}`);
    return `[${faults.join(', ')}]`;
  };
}

const maxReportedFaults = 10;

/**
 * Of a failed `anyOf`, what its branches say: the types that they allow, or what else keeps the value from the
 * one of its type. Of branches that say neither, the union's own fault.
 */
function leafErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf');
  const spoken = new Set<ErrorObject>();
  for (const union of unions) {
    const within = errors.filter(({ schemaPath }) => schemaPath.startsWith(`${union.schemaPath}/`));
    const types = within.flatMap((error) => {
      if (error.instancePath !== union.instancePath) return [];
      return error.keyword === 'type'
        ? [error.params['type'] as string | string[]].flat()
        : onlyNull(error);
    });
    const others = within.filter(
      (error) =>
        error.keyword !== 'type' && error.keyword !== 'anyOf' && onlyNull(error).length === 0,
    );
    if (others.length > 0) for (const other of others) spoken.add(other);
    else if (types.length > 0) union.params['types'] = types;
    if (others.length > 0) union.params['isSpoken'] = true;
  }
  const isWithinUnion = (error: ErrorObject): boolean =>
    !spoken.has(error) &&
    unions.some((union) => union !== error && error.schemaPath.startsWith(`${union.schemaPath}/`));
  const required = new Map<string, ErrorObject>();
  return errors.filter((error) => {
    if (isWithinUnion(error) || error.params['isSpoken'] === true) return false;
    if (error.keyword !== 'required') return true;
    const first = required.get(error.instancePath);
    if (!first) required.set(error.instancePath, error);
    const names = (first?.params['names'] as string[] | undefined) ?? [];
    (first ?? error).params['names'] = [...names, error.params['missingProperty'] as string];
    return !first;
  });
}

/** Draft 4 models of this project write the type of null as an enum of it. */
const onlyNull = ({ keyword, params }: ErrorObject): readonly string[] =>
  keyword === 'enum' && JSON.stringify(params['allowedValues']) === '[null]' ? ['null'] : [];

function faultText({ keyword, params, instancePath, message }: ErrorObject, root: unknown): string {
  const value = valueAtPointer(root, instancePath);
  switch (keyword) {
    case 'type':
      return `instance type (${typeName(value)}) does not match any allowed primitive type (allowed: ${JSON.stringify([params['type']].flat())})`;
    case 'required':
      return `object has missing required properties (${JSON.stringify(params['names'])})`;
    case 'enum':
      return `instance value not found in enum (possible values: ${JSON.stringify(params['allowedValues'])})`;
    case 'minimum':
      return `numeric instance is lower than the required minimum (minimum: ${String(params['limit'])})`;
    case 'maximum':
      return `numeric instance is greater than the required maximum (maximum: ${String(params['limit'])})`;
    case 'minLength':
      return `string is too short (length: ${(value as string).length}, required minimum: ${String(params['limit'])})`;
    case 'maxLength':
      return `string is too long (length: ${(value as string).length}, maximum allowed: ${String(params['limit'])})`;
    case 'minItems':
      return `array is too short: must have at least ${String(params['limit'])} elements but instance has ${(value as unknown[]).length} elements`;
    case 'maxItems':
      return `array is too long: must have at most ${String(params['limit'])} elements but instance has ${(value as unknown[]).length} elements`;
    case 'anyOf': {
      const types = params['types'] as readonly string[] | undefined;
      return types
        ? `instance type (${typeName(value)}) does not match any allowed primitive type (allowed: ${JSON.stringify(types)})`
        : `instance failed to match at least one required schema`;
    }
    default:
      return message ?? keyword;
  }
}

const typeName = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

const valueAtPointer = (root: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], root);
