import { sampleEvent, typeOf } from './sample-event';
import type { JsonSchema } from './facts';

const chance = { uuid: () => '9176b8c0-5292-41fe-a66b-2421d1855782', nowMs: 1_767_225_600_000 };
const event = (schema: JsonSchema): unknown =>
  sampleEvent(
    {
      name: 'e',
      table: 'e',
      version: '1.0.0',
      key: 'user.id',
      identity: 'id',
      schema,
      columns: [],
    },
    chance,
  );

test('an event has what its schema asks for, in the right types', () => {
  expect(
    event({
      type: 'object',
      required: ['id', 'user', 'at', 'kind', 'tags', 'n', 'maybe', 'platform'],
      properties: {
        id: { type: 'string', format: 'uuid' },
        user: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
        at: { type: 'string', format: 'date-time' },
        kind: { enum: ['a', 'b'] },
        tags: { type: 'array', items: { type: 'string' } },
        n: { type: ['null', 'integer'], minimum: 3 },
        maybe: { type: ['string', 'null'] },
        platform: { anyOf: [{ const: 'Web' }, { const: 'iOS' }] },
        left: { type: 'string' },
      },
    }),
  ).toEqual({
    id: '9176b8c0-5292-41fe-a66b-2421d1855782',
    user: { id: 'you-9176b8' },
    at: '2026-01-01T00:00:00.000Z',
    kind: 'a',
    tags: [],
    n: null,
    maybe: null,
    platform: 'Web',
  });
});

test.each<[JsonSchema, string]>([
  [{ type: ['null', 'number'] }, 'number'],
  [{ properties: {} }, 'object'],
  [{ anyOf: [{ type: 'integer' }] }, 'integer'],
  [{}, 'string'],
])('%j is of the type %s', (schema, type) => {
  expect(typeOf(schema)).toBe(type);
});
