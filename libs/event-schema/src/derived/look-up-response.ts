import { tableColumns } from '../definitions/table-columns';
import type { ColumnType } from '@sluice/values';
import type { EventType } from '../definitions/define-event';
import type { JsonSchema } from '../schema/json-schema';

/** Describes a row in a look-up's JSON answer: flat, column → value, nulls included. It may lack columns. */
const rowSchema = (eventType: EventType): JsonSchema => ({
  type: 'object',
  title: eventType.name,
  ...(eventType.description !== undefined && { description: eventType.description }),
  properties: Object.fromEntries(
    tableColumns(eventType).map(({ name, type, schema, required, nullable }) => [
      name,
      {
        ...valueSchema(type, nullable || !required),
        ...(schema.description !== undefined && { description: schema.description }),
      },
    ]),
  ),
});

/** Describes a whole JSON answer. A request for fewer columns gets rows without the others. */
export const lookupResponseSchema = (eventType: EventType): JsonSchema => ({
  type: 'object',
  properties: {
    rows: { type: 'array', items: rowSchema(eventType) },
    count: { type: 'integer', minimum: 0 },
    cursor: {
      type: ['string', 'null'],
      description: 'Where the next answer begins; null where there is none.',
    },
    message: { type: 'string' },
  },
  required: ['rows', 'count', 'cursor'],
});

const lastOf = (digits: number): string => (digits === 0 ? '' : `\\.[0-9]{${digits}}`);

function valueSchema(type: ColumnType, nullable: boolean): JsonSchema {
  const of = (...types: readonly string[]): Pick<JsonSchema, 'type'> => {
    const [only = ''] = types;
    const all = nullable ? [...types, 'null'] : types;
    return { type: all.length === 1 ? only : all };
  };
  switch (type.kind) {
    case 'bigint':
      // A text beyond 2^53, so that no reader rounds it.
      return { ...of('integer', 'string'), pattern: '^-?[0-9]{16,19}$' };
    case 'double':
      return of('number');
    case 'boolean':
      return of('boolean');
    case 'date':
      return { ...of('string'), format: 'date' };
    case 'timestamp':
      return { ...of('string'), format: 'date-time', pattern: `${lastOf(type.digits)}Z$` };
    case 'decimal':
      return { ...of('string'), pattern: '^-?[0-9]+(\\.[0-9]+)?$' };
    case 'array':
      return { ...of('array'), items: valueSchema(type.items, true) };
    case 'string':
    case 'json':
      return of('string');
  }
}
