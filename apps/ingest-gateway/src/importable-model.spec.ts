import { defineEvent, requestModel, type JsonSchema } from '@sluice/event-schema';
import { kitchenSink } from '@sluice/event-schema/testing/kitchen-sink';
import { sale } from '@sluice/event-schema/testing/shop';
import Ajv from 'ajv-draft-04';
import { importableModel } from './importable-model';

const modelOf = (property: JsonSchema) =>
  requestModel(
    defineEvent({
      name: 'e',
      version: '1.0.0',
      key: 'id',
      schema: {
        type: 'object',
        required: ['id', 'p'],
        properties: { id: { type: 'string' }, p: property },
      },
    }),
  );

const values = [
  null,
  true,
  0,
  1,
  1.5,
  -3,
  '',
  'a',
  'abc',
  [],
  [1],
  ['a'],
  [null],
  {},
  { a: 1 },
  { a: null },
  { a: 'x' },
];

const checks = (property: JsonSchema) => {
  const model = modelOf(property);
  const imported = importableModel(model);
  const ajv = new Ajv({ strict: false });
  return { imported, before: ajv.compile(model), after: ajv.compile(imported) };
};

const plain: readonly JsonSchema[] = [
  { type: 'integer', minimum: 0 },
  { type: 'array', items: { type: 'string', maxLength: 2 } },
  { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } },
  { enum: ['a', 'abc'] },
  { const: 'abc' },
  { type: 'string', pattern: '^a' },
];

const weaker: readonly JsonSchema[] = [
  { type: ['string', 'null'], maxLength: 2 },
  { type: ['integer', 'string'] },
  { type: 'null' },
  { anyOf: [{ type: 'integer' }, { type: 'null' }] },
  {
    anyOf: [
      { type: 'array', items: { type: ['string', 'null'] } },
      { type: 'number', minimum: 1 },
    ],
  },
  { type: ['object', 'null'], required: ['a'], properties: { a: { type: ['integer', 'null'] } } },
  { type: ['array', 'null'], items: { type: 'string' } },
  { type: 'array', items: { type: ['string', 'null'] } },
  { type: 'object', properties: { a: { type: ['integer', 'null'] } } },
  { type: 'number', exclusiveMinimum: 0 },
  { type: 'number', exclusiveMaximum: 1 },
  { enum: ['a', null] },
  { type: ['string', 'null'], enum: ['a', null] },
  { const: null },
  { type: 'integer', enum: [0, 1] },
];

test.each(plain)('%j checks as before', (property) => {
  const { before, after } = checks(property);
  for (const p of values) expect([p, after({ id: 'x', p })]).toEqual([p, before({ id: 'x', p })]);
});

test.each(weaker)('%j is never checked more strictly than before', (property) => {
  const { before, after } = checks(property);
  for (const p of values)
    if (before({ id: 'x', p })) expect([p, after({ id: 'x', p })]).toEqual([p, true]);
});

test.each([...plain, ...weaker])('%j holds nothing that the import does not know', (property) => {
  const text = JSON.stringify(checks(property).imported);
  expect(text).not.toMatch(/null[\],}]|"type":(\[|"null")|\$schema|anyOf|exclusive/);
});

test('the rest of an event is checked where a member may be null', () => {
  const { after } = checks({ type: ['string', 'null'] });
  expect(after({ id: 'x', p: null })).toBe(true);
  expect(after({ id: 7, p: null })).toBe(false);
  expect(after({ p: null })).toBe(false);
});

/** Returns the paths of the nulls in a JSON value. */
const nulls = (value: unknown, at = ''): readonly string[] =>
  value === null
    ? [at]
    : typeof value === 'object'
      ? Object.entries(value).flatMap(([name, child]) => nulls(child, `${at}/${name}`))
      : [];

test('no model holds null, whatever its definition uses', () =>
  expect(
    [sale, kitchenSink].flatMap((eventType) => nulls(importableModel(requestModel(eventType)))),
  ).toEqual([]));
