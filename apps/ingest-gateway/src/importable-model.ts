import type { Draft4Schema } from '@sluice/event-schema';
import type { Json, JsonObject } from './open-api';

/**
 * Returns a request model in the form that API Gateway's OpenAPI import takes.
 *
 * Each difference makes the check at the gateway weaker, never stricter. What slips through fails in the
 * transformer, which keeps the original, so that it can be replayed.
 *
 * - A member that may be null loses its type. OpenAPI 3.0 has no type `null`, API Gateway passes over `nullable`,
 *   and CloudFormation refuses null at any depth of a template, in an `enum` too
 *   (https://github.com/aws/aws-cdk/issues/8660).
 * - It loses `properties`, `required` and `items` as well: a parser of OpenAPI may take whatever has them for an
 *   object or an array, and would refuse null again.
 * - A choice of types or schemas is left out: models know no `anyOf`
 *   (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html).
 * - A list of allowed values stays only where all are text: CloudFormation is known to turn the numbers of some
 *   free-form JSON into text (https://github.com/aws/aws-cdk/issues/11716), and 1 is not "1". A bound that became text
 *   is passed over by the import.
 * - Exclusive bounds become inclusive: models know no `exclusiveMinimum` (same page).
 */
export function importableModel(schema: Draft4Schema): JsonObject {
  const { type, anyOf, properties, required, items, enum: values } = schema;
  const allowed = values as readonly Json[] | undefined;
  const model = {
    ...Object.fromEntries(Object.entries(schema).filter(([keyword]) => isPlainCheck(keyword))),
    ...(allowed?.every((value) => typeof value === 'string') && { enum: allowed }),
  } as JsonObject;
  const isUntyped = anyOf !== undefined || Array.isArray(type) || type === 'null';
  // A list of values that has null in it stands for any value, so the type would refuse null.
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

/** Keywords that say nothing of null, whatever a value's type is: each checks values of one type alone. */
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
