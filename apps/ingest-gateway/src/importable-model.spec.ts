import { defineEvent, requestModel, type JsonSchema } from '@sluice/event-schema';
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
  {},
  { a: 1 },
  { a: null },
];

test.each<JsonSchema>([
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
  { type: 'number', exclusiveMinimum: 0 },
  { enum: ['a', null] },
  { const: 'abc' },
])('%j checks as before, in words that OpenAPI 3.0 has', (property) => {
  const model = modelOf(property);
  const imported = importableModel(model);
  const ajv = new Ajv({ strict: false });
  const [before, after] = [ajv.compile(model), ajv.compile(imported)];
  for (const p of values) expect([p, after({ id: 'x', p })]).toEqual([p, before({ id: 'x', p })]);
  expect(JSON.stringify(imported)).not.toMatch(/"type":(\[|"null")|\$schema/);
});
