import type { EventType } from '../definitions/define-event';
import { keyColumn, maxKeyBytes } from '../definitions/table-columns';
import type { JsonSchema } from '../schema/json-schema';

/** A JSON Schema of draft 4, the version of API Gateway's request models. */
export type Draft4Schema = Readonly<Record<string, unknown>>;

/**
 * Returns the request model of one event, which API Gateway checks before it accepts an event.
 *
 * Draft 4 has no `const`, no numeric `exclusiveMinimum`, and none of our own keywords; `default` is left out because
 * a model only checks. Members that the schema does not name are accepted; they become `unmapped`.
 */
export const requestModel = (eventType: EventType): Draft4Schema => ({
  $schema: 'http://json-schema.org/draft-04/schema#',
  title: eventType.name,
  ...draft4(withKeyLimit(eventType.schema, keyColumn(eventType).path)),
});

/**
 * Adds a limit for the key's text. Draft 4 counts characters, but keys are limited in bytes; a key that is only too
 * long in bytes is refused by the transformer.
 */
function withKeyLimit(schema: JsonSchema, [name, ...rest]: readonly string[]): JsonSchema {
  if (name === undefined) {
    if (schema.type !== 'string' || schema.format !== undefined) return schema;
    return { ...schema, maxLength: Math.min(schema.maxLength ?? maxKeyBytes, maxKeyBytes) };
  }
  const child = schema.properties?.[name];
  if (!child) return schema;
  return { ...schema, properties: { ...schema.properties, [name]: withKeyLimit(child, rest) } };
}

/** Largest number of events in a batch, which is API Gateway's quota for records in one PutRecords call. */
export const maxBatchEvents = 500;

/**
 * Returns the request model of a batch, which covers only its envelope. An event that does not conform becomes a
 * failed record of its own, so that it can't hold up the others (docs/adr/batch-envelope.md).
 */
export const batchRequestModel = (eventType: EventType): Draft4Schema => ({
  $schema: 'http://json-schema.org/draft-04/schema#',
  title: `${eventType.name} batch`,
  type: 'object',
  required: ['events'],
  properties: {
    events: { type: 'array', minItems: 1, maxItems: maxBatchEvents, items: { type: 'object' } },
  },
});

const copied = [
  'type',
  'title',
  'description',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
] as const;

function draft4(schema: JsonSchema): Draft4Schema {
  const model: Record<string, unknown> = {};
  for (const keyword of copied) if (schema[keyword] !== undefined) model[keyword] = schema[keyword];
  if ('const' in schema) model['enum'] = [schema.const];
  if (schema.format !== undefined && schema.pattern === undefined)
    model['pattern'] = formatPatterns[schema.format];
  if (schema.format === 'decimal') model['type'] = decimalTypes(schema);
  Object.assign(
    model,
    bound(schema.minimum, schema.exclusiveMinimum, 'minimum', 'exclusiveMinimum'),
  );
  Object.assign(
    model,
    bound(schema.maximum, schema.exclusiveMaximum, 'maximum', 'exclusiveMaximum'),
  );
  if (schema.properties)
    model['properties'] = Object.fromEntries(
      Object.entries(schema.properties).map(([name, child]) => [name, draft4(child)]),
    );
  // Draft 4 requires at least one name in `required`. The sender may leave out a member that has a default.
  const required = schema.required?.filter(
    (name) => schema.properties?.[name]?.default === undefined,
  );
  if (required?.length) model['required'] = required;
  if (schema.items) model['items'] = draft4(schema.items);
  if (schema.anyOf) model['anyOf'] = schema.anyOf.map(draft4);
  return model;
}

/**
 * Patterns that replace formats, because validators of draft 4 need not check formats. Faults that a pattern can't
 * find (30 February) are found by the transformer.
 */
const formatPatterns: Readonly<Record<string, string>> = {
  'date-time':
    '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$',
  date: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
  decimal: '^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$',
  uuid: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
};

/** Returns the types in which a decimal is accepted: as text and as number, whichever of them the schema names. */
const decimalTypes = ({ type }: JsonSchema): readonly string[] => {
  const nullable = Array.isArray(type) && type.includes('null');
  return ['string', 'number', ...(nullable ? ['null'] : [])];
};

function bound(
  inclusive: number | undefined,
  exclusive: number | undefined,
  keyword: string,
  flag: string,
): Record<string, unknown> {
  if (exclusive !== undefined) return { [keyword]: exclusive, [flag]: true };
  return inclusive === undefined ? {} : { [keyword]: inclusive };
}
