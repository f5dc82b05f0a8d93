import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineReference, referenceColumns, type ReferenceDefinition } from './define-reference';
import { readReferences, writeReference } from './definition-files';
import { expectRefusal } from '../testing/expect-refusal';
import { customers, shop } from '../testing/shop';

const valid: ReferenceDefinition = {
  name: 'products',
  key: 'sku.code',
  schema: {
    type: 'object',
    properties: {
      sku: { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] },
      price: { type: 'string', format: 'decimal', precision: 10, scale: 2 },
      dt: { type: 'string' },
    },
    required: ['sku'],
  },
};

test('has the columns of its rows and no system columns', () => {
  expect(
    referenceColumns(defineReference(valid)).map(({ name, type }) => `${name} ${type.kind}`),
  ).toEqual(['sku_code string', 'price decimal', 'dt string']);
  expect(
    referenceColumns(customers)
      .filter(({ name }) => /referredby|district_id/.test(name))
      .map(({ type }) => type.kind),
  ).toEqual(['json', 'json', 'json']);
});

test.each<[string, unknown, string, RegExp]>([
  [
    'a bad name',
    { ...valid, name: 'Products' },
    '/name',
    /reference table "Products", at \/name: a name matches/,
  ],
  [
    'an unknown member',
    { ...valid, version: '1.0.0' },
    '/version',
    /a definition has name, description, key, subject, schema/,
  ],
  [
    'a subject that is no path',
    { ...valid, subject: ['sku.code', 'sku.owner'] },
    '/subject',
    /"sku.owner" is not a path of the schema/,
  ],
  [
    'a subject that names nobody',
    { ...valid, subject: 'price' },
    '/subject',
    /a person is named by a text or an integer/,
  ],
  ['no schema', { name: 'products' }, '/schema', /must be a schema/],
  [
    'a schema of no object',
    { name: 'products', schema: { type: 'string' } },
    '/schema',
    /a row is an object/,
  ],
  [
    'no columns',
    { name: 'products', schema: { type: 'object', properties: {} } },
    '/schema',
    /at least one column/,
  ],
  [
    'a fault in the schema',
    { name: 'p', schema: { type: 'object', properties: { a: { type: 'text' } } } },
    '/schema/properties/a/type',
    /no type/,
  ],
  [
    'two paths of one column',
    {
      name: 'p',
      schema: {
        type: 'object',
        properties: { 'a.b': { type: 'string' }, a_b: { type: 'string' } },
      },
    },
    '/schema/properties/a_b',
    /"a\.b" and "a_b" both give the column "a_b"/,
  ],
  ['an unknown key', { ...valid, key: 'sku' }, '/key', /it has sku\.code, price, dt/],
  ['a key that may be absent', { ...valid, key: 'dt' }, '/key', /absent or null/],
])('refuses %s and points at it', (_, definition, pointer, message) => {
  expectRefusal(() => defineReference(definition as ReferenceDefinition), pointer, message);
});

test('files of a folder are read as they were written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'references-'));
  try {
    expect(readReferences(join(folder, 'not-there'))).toEqual([]);
    for (const reference of shop.references) writeReference(folder, reference);
    expect(readReferences(folder)).toEqual(
      JSON.parse(JSON.stringify([...shop.references].sort((a, b) => (a.name < b.name ? -1 : 1)))),
    );
    expect(() => writeReference(folder, { ...valid, name: '../escape' })).toThrow(/a name matches/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
