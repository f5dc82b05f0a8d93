import { Type } from '@sinclair/typebox';
import { defineEvent } from '../definitions/define-event';

/** An event type that uses every feature of definitions, for tests. */
export const kitchenSink = defineEvent({
  name: 'kitchen_sink',
  version: '2.1.0',
  description: "Everything at once; it's for tests.",
  key: 'key.id',
  identity: 'event_id',
  time: 'at',
  schema: Type.Object({
    event_id: Type.String({ format: 'uuid' }),
    key: Type.Object({ id: Type.Integer({ minimum: 1, description: 'The | key.\nTwo lines.' }) }),
    at: Type.String({ format: 'date-time', digits: 6 }),
    second: Type.Optional(Type.String({ format: 'date-time', digits: 0 })),
    day: Type.Union([Type.String({ format: 'date' }), Type.Null()]),
    price: Type.String({ format: 'decimal', precision: 12, scale: 2 }),
    ratio: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 })),
    count: Type.Integer({ default: 0, maximum: 9, multipleOf: 3 }),
    ok: Type.Optional(Type.Boolean()),
    code: Type.String({ pattern: '^[a-z|`]+$', minLength: 1, maxLength: 5 }),
    state: Type.Union([Type.Literal('on'), Type.Literal('off')]),
    tags: Type.Array(Type.String(), { minItems: 1, maxItems: 3, uniqueItems: true }),
    numbers: Type.Optional(Type.Array(Type.Union([Type.Integer(), Type.Null()]))),
    lines: Type.Array(Type.Object({ sku: Type.String() })),
    mixed: Type.Union([Type.Integer(), Type.String()]),
    free: Type.Record(Type.String(), Type.Unknown()),
    place: Type.Union([Type.Object({ city: Type.String() }), Type.Null()]),
  }),
});
