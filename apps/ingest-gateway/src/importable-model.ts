import type { Draft4Schema } from '@sluice/event-schema';
import type { Json, JsonObject } from './open-api';

/**
 * A request model in the form that API Gateway's OpenAPI import takes.
 *
 * OpenAPI 3.0 has neither lists of types nor the type `null`, so both become `anyOf`, and null an `enum` of
 * one. The import is said to pass over some keywords (`minItems`, `maxItems`, `pattern`, `exclusiveMinimum`;
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html), which makes the check
 * at the gateway weaker there, never stricter: what slips through fails in the transformer and can be replayed.
 */
export function importableModel(schema: Draft4Schema): JsonObject {
  const { type, anyOf, properties, items, ...rest } = schema;
  const model: Record<string, Json> = { ...(rest as Record<string, Json>) };
  delete model['$schema']; // said once, by the document's version
  if (properties) model['properties'] = mapValues(properties as Record<string, Draft4Schema>);
  if (items) model['items'] = importableModel(items as Draft4Schema);

  const branches = (anyOf as readonly Draft4Schema[] | undefined)?.map(importableModel);
  if (branches) return { ...model, anyOf: branches };
  const names = Array.isArray(type) ? (type as readonly string[]) : [type as string | undefined];
  const [only] = names;
  if (names.length === 1) return only === undefined ? model : { ...typed(only), ...model };
  return { anyOf: names.map((name) => (name === undefined ? {} : { ...typed(name), ...model })) };
}

/** OpenAPI 3.0 has no type `null`. */
const typed = (name: string): JsonObject => (name === 'null' ? { enum: [null] } : { type: name });

const mapValues = (schemas: Readonly<Record<string, Draft4Schema>>): JsonObject =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, importableModel(schema)]),
  );
