import type { ColumnType } from '@sluice/values';
import {
  columnIds,
  evolveSchema,
  nameMapping,
  SchemaEvolutionError,
  type SchemaBefore,
  type TableColumn,
} from './iceberg-schema';

const columns: readonly TableColumn[] = [
  { name: 'id', type: { kind: 'string' } },
  { name: 'tags', type: { kind: 'array', items: { kind: 'bigint' } } },
  { name: 'price', type: { kind: 'decimal', precision: 9, scale: 2 } },
  { name: 'at', type: { kind: 'timestamp', digits: 3 }, description: 'When.' },
  { name: 'extra', type: { kind: 'json' } },
];

const before = (): SchemaBefore => {
  const { schema, lastColumnId } = evolveSchema('order', columns);
  return { schema, lastColumnId, lastSchemaId: 0 };
};

test('gives each column an id once, and the items of a list one of their own', () => {
  const { schema, lastColumnId } = evolveSchema('order', columns);
  expect(schema.fields).toEqual([
    { id: 1, name: 'id', required: false, type: 'string' },
    {
      id: 2,
      name: 'tags',
      required: false,
      type: { type: 'list', 'element-id': 3, 'element-required': false, element: 'long' },
    },
    { id: 4, name: 'price', required: false, type: 'decimal(9, 2)' },
    { id: 5, name: 'at', required: false, type: 'timestamp', doc: 'When.' },
    { id: 6, name: 'extra', required: false, type: 'string' },
  ]);
  expect(lastColumnId).toBe(6);
  expect(columnIds(schema).get('tags')).toEqual({ id: 2, elementId: 3 });
});

test('keeps the ids wherever the columns stand, and gives new columns new ones', () => {
  const added: TableColumn = { name: 'note', type: { kind: 'string' } };
  const { schema, lastColumnId } = evolveSchema(
    'order',
    [added, ...columns.toReversed()],
    before(),
  );
  expect(schema['schema-id']).toBe(1);
  expect(schema.fields.map(({ id, name }) => [id, name])).toEqual([
    [7, 'note'],
    [6, 'extra'],
    [5, 'at'],
    [4, 'price'],
    [2, 'tags'],
    [1, 'id'],
  ]);
  expect(lastColumnId).toBe(7);
});

test('is the same schema where nothing but a description changed', () => {
  const known = before();
  const described = columns.map((column) => ({ ...column, description: 'Another text.' }));
  expect(evolveSchema('order', described, known).schema).toBe(known.schema);
});

const changed = (name: string, type: ColumnType): readonly TableColumn[] =>
  columns.map((column) => (column.name === name ? { ...column, type } : column));

test.each<[string, readonly TableColumn[], string]>([
  [
    'a decimal with more digits',
    changed('price', { kind: 'decimal', precision: 18, scale: 2 }),
    'decimal(18, 2)',
  ],
  ['a time with more digits', changed('at', { kind: 'timestamp', digits: 6 }), 'timestamp'],
])('widens %s', (_, after, type) => {
  const { schema } = evolveSchema('order', after, before());
  expect(schema.fields.map((field) => field.type)).toContain(type);
  expect(schema.fields.map(({ id }) => id)).toEqual([1, 2, 4, 5, 6]);
});

test.each<[string, readonly TableColumn[], RegExp]>([
  [
    'a decimal of another scale',
    changed('price', { kind: 'decimal', precision: 18, scale: 4 }),
    /column price was decimal\(9, 2\) and would be decimal\(18, 4\)/,
  ],
  ['a text that becomes a number', changed('id', { kind: 'bigint' }), /column id was string/],
  [
    'a list of other items',
    changed('tags', { kind: 'array', items: { kind: 'string' } }),
    /column tags was list<long> and would be list<string>/,
  ],
])('refuses %s, and names the way out', (_, after, sentence) => {
  const evolve = () => evolveSchema('order', after, before());
  expect(evolve).toThrow(SchemaEvolutionError);
  expect(evolve).toThrow(sentence);
  expect(evolve).toThrow(/Give the changed value another column name/);
});

test('keeps a column that the definition no longer has, and knows it when it comes back', () => {
  const known = before();
  const [id, ...others] = columns;
  const { schema } = evolveSchema('order', others, known);
  expect(schema.fields.map(({ name }) => name)).toEqual([...others, id].map((one) => one?.name));
  expect(schema.fields.at(-1)).toEqual(known.schema.fields[0]);
  const without = { ...known, schema, lastSchemaId: schema['schema-id'] };
  expect(evolveSchema('order', others, without).schema).toBe(schema);
  const back = evolveSchema('order', columns, without).schema;
  expect(back.fields).toEqual(known.schema.fields);
});

test('maps names to ids for files that have none', () => {
  const { schema } = evolveSchema('order', columns.slice(0, 2));
  expect(JSON.parse(nameMapping(schema, 'id'))).toEqual([
    { 'field-id': 2, names: ['tags'], fields: [{ 'field-id': 3, names: ['element'] }] },
  ]);
});
