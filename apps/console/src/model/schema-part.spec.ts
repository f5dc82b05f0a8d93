import type { JsonSchema } from './facts';
import { partAt, withPart } from './schema-part';

const price: JsonSchema = { type: 'number' };
const schema: JsonSchema = {
  type: 'object',
  required: ['id', 'lines'],
  properties: {
    id: { type: 'string' },
    lines: {
      type: 'array',
      items: { type: 'object', required: ['price'], properties: { price, 'a/b': price } },
    },
  },
};

test.each([
  ['/id', { pointer: '/id', schema: { type: 'string' }, isRequired: true }],
  ['/lines/3/price', { pointer: '/lines/3/price', schema: price, isRequired: true }],
  ['/lines/*/a~1b', { pointer: '/lines/*/a~1b', schema: price, isRequired: false }],
  ['/id/deeper', { pointer: '/id', schema: { type: 'string' }, isRequired: true }],
  ['/unknown', { pointer: '', schema }],
  ['', { pointer: '', schema }],
])('the part for %p is found, or the nearest around it', (pointer, part) => {
  expect(partAt(schema, pointer)).toEqual(part);
});

test('a part is put back where it was, and its member may become optional', () => {
  for (const pointer of ['/id', '/lines/3/price', '/lines/*/a~1b', ''])
    expect(withPart(schema, partAt(schema, pointer))).toEqual({
      ...schema,
      ...(pointer === '/id' && { required: ['lines', 'id'] }),
    });
  const loose = withPart(schema, {
    ...{ pointer: '/lines/3/price', schema: { type: ['number', 'string'] }, isRequired: false },
  });
  expect(partAt(loose, '/lines/0/price')).toEqual({
    ...{ pointer: '/lines/0/price', schema: { type: ['number', 'string'] }, isRequired: false },
  });
  expect(partAt(loose, '/id')).toEqual(partAt(schema, '/id'));
});
