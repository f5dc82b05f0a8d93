import { pointerSteps } from '@sluice/values';
import { patternMatcher, type PatternMatcher } from '@sluice/event-schema';
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv-draft-04';

type JsonObject = Readonly<Record<string, unknown>>;

/** Returns a sentence about a value's fault; undefined where the value conforms. */
export type BodyValidator = (value: unknown) => string | undefined;

/** Validator shared by all models, because compiling the meta-schema takes longer than compiling most models. */
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  validateFormats: false,
  logger: false,
  addUsedSchema: false,
  code: { regExp: linearPattern },
});

/** Returns the matcher of a `pattern`, which takes linear time, so that no client's text can block the whole stack. */
function linearPattern(pattern: string): PatternMatcher & { toString(): string } {
  const matcher = patternMatcher(pattern);
  // Ajv identifies patterns by their text.
  return { test: (text) => matcher.test(text), toString: () => pattern };
}
linearPattern.code = 'linearPattern';

// Ajv compares each element with every other one, which takes hours for an array that fits into a body.
ajv.removeKeyword('uniqueItems');
ajv.addKeyword({
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  error: { message: 'array must not contain duplicate elements' },
  validate: (isWanted: boolean, elements: readonly unknown[]) =>
    !isWanted || new Set(elements.map(canonicalText)).size === elements.length,
});

/** Returns a text that is the same for equal values, whatever the order of their members. */
const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/**
 * Returns the validator of a request model (JSON Schema draft 4). References point to `#/components/schemas/…` of the
 * document; the model is compiled when the first body arrives.
 *
 * Faults use the words of API Gateway's validator, preceded by a JSON pointer, which API Gateway leaves out, and
 * without values, which it quotes: they belong to an event, and faults are logged.
 *
 * @throws Error where the model, or one of the document's, is not a schema of draft 4
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
 * Replaces each failed `anyOf` by the errors of its branches: the types that they allow, or other reasons why the
 * branch of the value's type fails. Where the branches give neither, keeps the error of the `anyOf`.
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

/**
 * Returns `null` as an allowed type for the enum of null alone, which is how this project's draft 4 models write that
 * type.
 */
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
  pointerSteps(pointer).reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | undefined)?.[step],
    root,
  );
