import { requestModel } from './request-validation';

const schemas = {
  Event: {
    type: 'object',
    required: ['id', 'name', 'at'],
    properties: {
      id: { type: 'integer', minimum: 1, maximum: 10 },
      name: { type: 'string', minLength: 2, maxLength: 4, pattern: '^[a-z]*$' },
      at: { anyOf: [{ type: 'integer' }, { enum: [null] }] },
      kind: { enum: ['a', 'b'] },
      tags: {
        type: 'array',
        minItems: 1,
        maxItems: 2,
        uniqueItems: true,
        items: { type: 'object', required: ['id'], properties: { 'a/b~c': { type: 'boolean' } } },
      },
      ratio: { type: 'number', minimum: 0, exclusiveMinimum: true },
    },
  },
};
const validate = requestModel({ $ref: '#/components/schemas/Event' }, schemas);
const valid = { id: 1, name: 'ab', at: null };

test('a value that conforms has no fault, and members that the model does not name are let through', () => {
  expect(validate(valid)).toBeUndefined();
  expect(validate({ ...valid, other: [1], at: 3, kind: 'a' })).toBeUndefined();
});

test.each<[unknown, string]>([
  [
    [],
    '[/: instance type (array) does not match any allowed primitive type (allowed: ["object"])]',
  ],
  [{}, '[/: object has missing required properties (["id","name","at"])]'],
  [
    { ...valid, id: '1' },
    '[/id: instance type (string) does not match any allowed primitive type (allowed: ["integer"])]',
  ],
  [{ ...valid, id: 0 }, '[/id: numeric instance is lower than the required minimum (minimum: 1)]'],
  [
    { ...valid, id: 11 },
    '[/id: numeric instance is greater than the required maximum (maximum: 10)]',
  ],
  [{ ...valid, name: 'a' }, '[/name: string is too short (length: 1, required minimum: 2)]'],
  [{ ...valid, name: 'abcde' }, '[/name: string is too long (length: 5, maximum allowed: 4)]'],
  [
    { ...valid, at: 'x' },
    '[/at: instance type (string) does not match any allowed primitive type (allowed: ["integer","null"])]',
  ],
  [
    { ...valid, kind: 'c' },
    '[/kind: instance value not found in enum (possible values: ["a","b"])]',
  ],
  [
    { ...valid, tags: [] },
    '[/tags: array is too short: must have at least 1 elements but instance has 0 elements]',
  ],
  [{ ...valid, tags: [{}] }, '[/tags/0: object has missing required properties (["id"])]'],
  [
    { ...valid, tags: [{ id: 1, 'a/b~c': null }] },
    '[/tags/0/a~1b~0c: instance type (null) does not match any allowed primitive type (allowed: ["boolean"])]',
  ],
])('%j', (value, fault) => expect(validate(value)).toBe(fault));

test('every fault is named, up to ten', () => {
  expect(validate({ ...valid, id: 'a', name: 1 })).toMatch(/\/id: .*, \/name: /);
  const tags = Array.from({ length: 30 }, () => 1);
  const many = requestModel({ type: 'array', items: { type: 'string' } });
  expect(many(tags)?.split('instance type')).toHaveLength(11);
});

test.each<[unknown, Record<string, unknown>]>([
  [{ type: 'text' }, {}],
  [{ $ref: '#/components/schemas/Event' }, { Event: { minimum: 'one' } }],
])('%j is refused before a body comes', (schema, schemas) => {
  expect(() => requestModel(schema, schemas)).toThrow(/schema is invalid/);
});

test('a pattern that explodes in other engines answers at once', () => {
  const pattern = requestModel({ type: 'string', pattern: '^([a-z]+)+$' });
  expect(pattern(`${'a'.repeat(100_000)}!`)).toBe('[/: must match pattern "^([a-z]+)+$"]');
  expect(pattern('a'.repeat(100_000))).toBeUndefined();
});

test('elements of an array are compared in time linear in their number', () => {
  const unique = requestModel({ type: 'array', uniqueItems: true });
  const many: unknown[] = Array.from({ length: 200_000 }, (_, n) => ({ n, m: [n] }));
  expect(unique(many)).toBeUndefined();
  many.push({ m: [7], n: 7 });
  expect(unique(many)).toBe('[/: array must not contain duplicate elements]');
});

test('of a field that may be null the fault says the types, or what else keeps the value from its own', () => {
  const nullable = requestModel({
    properties: { n: { anyOf: [{ type: 'string', maxLength: 2 }, { type: 'null' }] } },
  });
  expect(nullable({ n: null })).toBeUndefined();
  expect(nullable({ n: 5 })).toBe(
    '[/n: instance type (integer) does not match any allowed primitive type (allowed: ["string","null"])]',
  );
  expect(nullable({ n: 'abc' })).toBe('[/n: string is too long (length: 3, maximum allowed: 2)]');
});

test('no fault quotes a value', () => {
  const secret = 'hunter2';
  for (const value of [
    { id: secret, name: secret, at: secret, kind: secret, tags: [secret, secret, secret] },
    { id: 1e9, name: '', at: [secret], kind: { secret }, ratio: -123456789 },
  ])
    expect(validate(value)).not.toMatch(/hunter2|1000000000|123456789/);
});
