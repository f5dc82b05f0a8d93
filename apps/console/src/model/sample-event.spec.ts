import { sampleEvent, typeOf, withNewIdentity } from './sample-event';
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

describe('an event that is sent again', () => {
  const uuid = (): string => '11111111-2222-4333-8444-555555555555';
  const old = '0b0f8f4e-7a3c-4c58-9a53-0d8a7d0a7a11';

  test.each([
    ['at the top', 'insertId', `{ "insertId": "${old}",\n  "sessionId": "17" }`],
    ['inside an object', 'meta.id', `{"meta":{"id":"${old}"},"n":1.50}`],
  ])('has a new identity %s and is otherwise as it was', (_where, identity, text) => {
    expect(withNewIdentity(text, identity, uuid)).toBe(text.replace(old, uuid()));
  });

  test.each([
    ['an identity that is no UUID', 'id', '{"id":"order-1"}'],
    ['no identity in the text', 'id', '{"other":1}'],
    ['an event type without identity', undefined, `{"id":"${old}"}`],
    ['text that is no JSON', 'id', `{"id":"${old}"`],
    ['a list', 'id.x', `["${old}"]`],
    ['null on the way', 'a.b', '{"a":null}'],
  ])('stays as it is with %s', (_what, identity, text) => {
    expect(withNewIdentity(text, identity, uuid)).toBe(text);
  });
});

test('a decimal is a text of a number, and a text fits its pattern', () => {
  expect(
    event({
      type: 'object',
      required: ['amount', 'number'],
      properties: {
        amount: { type: 'string', format: 'decimal' },
        number: { type: 'string', pattern: '^[A-Z]{2}-[0-9]{3}$' },
      },
    }),
  ).toEqual({ amount: '1', number: 'AA-000' });
});
