import { Type } from '@sinclair/typebox';
import { tableColumns, keyColumn } from './columns';
import { DefinitionError, defineEvent, tableName, type EventDefinition } from './define-event';
import { glueColumns } from './glue';

const valid = defineEvent({
  name: 'order',
  version: '1.0.0',
  key: 'customer.id',
  schema: Type.Object({
    customer: Type.Object({ id: Type.String(), vip: Type.Optional(Type.Boolean()) }),
    total: Type.Number(),
    'placed-at': Type.String({ format: 'date-time' }),
    lines: Type.Array(Type.Object({ sku: Type.String() })),
    tags: Type.Array(Type.String()),
    note: Type.Union([Type.String(), Type.Null()]),
    count: Type.Integer(),
    free: Type.Record(Type.String(), Type.Unknown()),
  }),
});

const withSchema = (schema: unknown): EventDefinition =>
  ({ ...valid, key: 'id', schema }) as EventDefinition;

describe('defineEvent', () => {
  test('derives columns with their Hive types from nested properties', () => {
    expect(glueColumns(valid).map(({ name, type }) => `${name} ${type}`)).toEqual([
      'customer_id string',
      'customer_vip boolean',
      'total double',
      'placed_at timestamp',
      'lines string',
      'tags array<string>',
      'note string',
      'count bigint',
      'free string',
      'event_id string',
      'ingested_at timestamp',
      'unmapped string',
    ]);
    expect(keyColumn(valid).name).toBe('customer_id');
    expect(tableColumns(valid).find(({ name }) => name === 'note')).toMatchObject({
      nullable: true,
    });
  });

  test.each<[string, EventDefinition, string, RegExp]>([
    ['a bad name', { ...valid, name: 'Order' }, '/name', /matches/],
    ['a bad version', { ...valid, version: '1' }, '/version', /1\.0\.0/],
    ['an unknown key', { ...valid, key: 'nope' }, '/key', /customer\.id/],
    ['an optional key', { ...valid, key: 'customer.vip' }, '/key', /boolean/],
    ['a nullable key', { ...valid, key: 'note' }, '/key', /absent or null/],
    [
      'two paths of one column',
      withSchema(
        Type.Object({
          id: Type.String(),
          'a.b': Type.String(),
          a: Type.Object({ B: Type.String() }),
        }),
      ),
      '/schema/properties/a/properties/B',
      /"a\.b" and "a\.B".*"a_b"/,
    ],
    [
      'a system column',
      withSchema(Type.Object({ id: Type.String(), Unmapped: Type.String() })),
      '/schema/properties/Unmapped',
      /every table has/,
    ],
    [
      'an unsupported keyword',
      withSchema({ type: 'object', properties: { id: { type: 'string', $ref: '#' } } }),
      '/schema/properties/id/$ref',
      /not supported/,
    ],
  ])('refuses %s and points at it', (_, definition, pointer, message) => {
    let refusal: unknown;
    try {
      defineEvent(definition);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(DefinitionError);
    expect(refusal).toMatchObject({ pointer, message: expect.stringMatching(message) });
  });

  test('gives a new major version a table of its own', () => {
    expect(tableName({ ...valid, version: '1.4.0' })).toBe('order');
    expect(tableName({ ...valid, version: '2.0.0' })).toBe('order_v2');
  });
});
