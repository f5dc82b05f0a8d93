import type { Draft4Schema } from '@sluice/event-schema';
import type { Json, JsonObject } from './open-api';

/**
 * Returns a request model in a form that API Gateway's OpenAPI import accepts.
 *
 * Each difference makes the check at the gateway weaker, never stricter. Events that pass it wrongly fail in the
 * transformer, which keeps the original for replay.
 *
 * - A member that may be null loses its type. OpenAPI 3.0 has no type `null`, API Gateway ignores `nullable`, and
 *   CloudFormation refuses null at any depth of a template, in an `enum` too
 *   (https://github.com/aws/aws-cdk/issues/8660).
 * - Such a member loses `properties`, `required` and `items` as well: a parser of OpenAPI may take a schema that has
 *   them for an object or an array, and would refuse null again.
 * - A choice of types or schemas is left out: models support no `anyOf`
 *   (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html).
 * - A list of allowed values is kept only where all are texts: CloudFormation is known to turn the numbers of some
 *   free-form JSON into text (https://github.com/aws/aws-cdk/issues/11716), and 1 is not "1". The import ignores a
 *   bound that became text.
 * - Exclusive bounds become inclusive: models support no `exclusiveMinimum` (same page).
 */
export function importableModel(schema: Draft4Schema): JsonObject {
  const { type, anyOf, properties, required, items, enum: values } = schema;
  const allowed = values as readonly Json[] | undefined;
  const model = {
    ...Object.fromEntries(Object.entries(schema).filter(([keyword]) => isPlainCheck(keyword))),
    ...(allowed?.every((value) => typeof value === 'string') && { enum: allowed }),
  } as JsonObject;
  const isUntyped = anyOf !== undefined || Array.isArray(type) || type === 'null';
  // A list of values that contained null now allows any value, and keeping the type would refuse null.
  if (isUntyped || allowed?.includes(null)) return model;
  return {
    ...(type !== undefined && { type: type as string }),
    ...model,
    ...(properties !== undefined && {
      properties: mapValues(properties as Readonly<Record<string, Draft4Schema>>),
    }),
    ...(required !== undefined && { required: required as Json }),
    ...(items !== undefined && { items: importableModel(items as Draft4Schema) }),
  };
}

/** Keywords that never refuse null, whatever the schema's type is: each only checks values of one other type. */
const plainChecks: ReadonlySet<string> = new Set([
  'title',
  'description',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
]);

const isPlainCheck = (keyword: string): boolean => plainChecks.has(keyword);

const mapValues = (schemas: Readonly<Record<string, Draft4Schema>>): JsonObject =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, importableModel(schema)]),
  );
