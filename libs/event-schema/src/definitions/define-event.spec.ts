import { Type } from '@sinclair/typebox';
import { eventColumns, keyColumn, tableColumns } from './table-columns';
import { checkTables, defineEvent, tableName, type EventDefinition } from './define-event';
import { glueColumns } from '../derived/glue-columns';
import type { JsonSchema } from '../schema/json-schema';
import { expectRefusal } from '../testing/expect-refusal';

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
    ['a name that every object has', { ...valid, name: 'constructor' }, '/name', /another name/],
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
      'the day of arrival as a column',
      withSchema(Type.Object({ id: Type.String(), Dt: Type.String() })),
      '/schema/properties/Dt',
      /"Dt" gives the column "dt", which every table has already/,
    ],
    ['a folder of the lake as a name', { ...valid, name: 'results' }, '/name', /folder/],
    [
      'the folder of reference tables as a name',
      { ...valid, name: 'reference' },
      '/name',
      /folder/,
    ],
    [
      'an unsupported keyword',
      withSchema({ type: 'object', properties: { id: { type: 'string', $ref: '#' } } }),
      '/schema/properties/id/$ref',
      /not supported/,
    ],
    ['an unknown member', { ...valid, keys: 'id' } as EventDefinition, '/keys', /a definition has/],
    [
      'no version',
      { ...valid, version: undefined } as unknown as EventDefinition,
      '/version',
      /missing/,
    ],
    [
      'no schema',
      { ...valid, schema: undefined } as unknown as EventDefinition,
      '/schema',
      /schema/,
    ],
    ['an event that is no object', { ...valid, schema: Type.String() }, '/schema', /is an object/],
    ['an unknown identity', { ...valid, identity: 'nope' }, '/identity', /not a path/],
    ['a boolean time', { ...valid, time: 'customer.vip' }, '/time', /boolean/],
    [
      'a column without a name',
      withSchema(Type.Object({ id: Type.String(), '': Type.String() })),
      '/schema/properties/',
      /without a name/,
    ],
    [
      'a name that objects have already',
      withSchema(JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}')),
      '/schema/properties/__proto__',
      /not safe/,
    ],
    [
      'a long name',
      withSchema(Type.Object({ ['x'.repeat(256)]: Type.String() })),
      `/schema/properties/${'x'.repeat(256)}`,
      /255/,
    ],
  ])('refuses %s and points at it', (_, definition, pointer, message) => {
    expectRefusal(() => defineEvent(definition), pointer, message);
  });

  test.each<[string, unknown, string, RegExp]>([
    ['an unknown type', { type: 'text' }, '/type', /"text" is no type/],
    ['a type twice', { type: ['string', 'string'] }, '/type', /twice/],
    ['a text for a schema', 'string', '', /must be a schema/],
    [
      'required names that are no properties',
      { type: 'object', properties: {}, required: ['a'] },
      '/required',
      /"a" is required/,
    ],
    [
      'a closed object',
      { type: 'object', properties: {}, additionalProperties: false },
      '/additionalProperties',
      /always accepted/,
    ],
    [
      'a record of typed values',
      Type.Record(Type.String(), Type.Number()),
      '/patternProperties',
      /not checked/,
    ],
    ['an unknown format', { type: 'string', format: 'email' }, '/format', /date-time/],
    ['odd digits', { type: 'string', format: 'date-time', digits: 9 }, '/digits', /0, 3 or 6/],
    ['digits of a text', { type: 'string', digits: 3 }, '/digits', /goes with/],
    [
      'too much precision',
      { type: 'string', format: 'decimal', precision: 39 },
      '/precision',
      /38/,
    ],
    [
      'more scale than precision',
      { type: 'string', format: 'decimal', precision: 5, scale: 6 },
      '/scale',
      /0 to 5/,
    ],
    ['a broken pattern', { type: 'string', pattern: '(' }, '/pattern', /Unterminated/],
    [
      'a pattern that only backtracking can run',
      { type: 'string', pattern: '^(?!x)' },
      '/pattern',
      /linear in the text: it looks around/,
    ],
    ['bounds that cross', { type: 'number', minimum: 2, maximum: 1 }, '/maximum', /no value fits/],
    [
      'lengths that cross',
      { type: 'string', minLength: 2, maxLength: 1 },
      '/maxLength',
      /no value fits/,
    ],
    ['a keyword of another type', { type: 'integer', minLength: 1 }, '/minLength', /"string"/],
    [
      'keywords beside anyOf',
      { type: 'string', anyOf: [{ type: 'string' }] },
      '/anyOf',
      /each alternative/,
    ],
    ['a default of another type', { type: 'integer', default: 'x' }, '/default', /type/],
    ['an enum value of another type', { type: 'string', enum: ['a', 1] }, '/enum/1', /type/],
    ['an empty enum', { enum: [] }, '/enum', /values/],
    ['a fault inside an array', { type: 'array', items: { type: 'nope' } }, '/items/type', /nope/],
    [
      'a fault inside an alternative',
      { anyOf: [{}, { $ref: '#' }] },
      '/anyOf/1/$ref',
      /not supported/,
    ],
  ])('refuses %s', (_, schema, pointer, message) => {
    const define = (): unknown =>
      defineEvent({
        ...valid,
        key: 'id',
        schema: {
          type: 'object',
          properties: { id: { type: 'string' }, it: schema as JsonSchema },
        },
      });
    expectRefusal(define, `/schema/properties/it${pointer}`, message);
  });

  test('refuses schemas that are too deep to check', () => {
    let schema: JsonSchema = { type: 'string' };
    for (let depth = 0; depth < 10_000; depth++) schema = { type: 'array', items: schema };
    expect(() =>
      defineEvent({ ...valid, schema: { type: 'object', properties: { it: schema } } }),
    ).toThrow(/64 levels/);
  });

  test('lets the id that Sluice gives be the key', () => {
    expect(keyColumn(defineEvent({ ...valid, key: 'event_id' })).name).toBe('event_id');
  });

  test('refuses two event types of one table', () => {
    const renamed = defineEvent({ ...valid, name: 'order_v2' });
    expect(() => checkTables([valid, renamed])).not.toThrow();
    expect(() => checkTables([{ ...valid, version: '2.0.0' }, renamed])).toThrow(
      /"order_v2" is also that of event type "order" 2\.0\.0/,
    );
  });

  test('gives a new major version a table of its own', () => {
    expect(tableName({ ...valid, version: '1.4.0' })).toBe('order');
    expect(tableName({ ...valid, version: '2.0.0' })).toBe('order_v2');
  });
});

describe('the column of a value', () => {
  const withProperties = (properties: Readonly<Record<string, JsonSchema>>, key = 'id') =>
    defineEvent({
      name: 'thing',
      version: '1.0.0',
      key,
      schema: {
        type: 'object',
        properties: { id: { type: 'string' }, ...properties },
        required: ['id', ...Object.keys(properties)],
      },
    });

  test('may be named, so that names of one column stand side by side', () => {
    const eventType = withProperties({
      'a-b': { type: 'string' },
      'a b': { type: 'string', column: 'a_space_b' },
      名前: { type: 'string', column: 'name' },
    });
    expect(eventColumns(eventType).map(({ name }) => name)).toEqual([
      'id',
      'a_b',
      'a_space_b',
      'name',
    ]);
    expect(
      keyColumn(withProperties({ 名前: { type: 'string', column: 'name' } }, '名前')).name,
    ).toBe('name');
  });

  test.each([
    [{ type: 'string', column: 'A b' }, /must be a name of lower-case letters/],
    [{ type: 'string', column: '' }, /must be a name of lower-case letters/],
    [{ type: 'string', column: 'id' }, /both give the column "id"; give one of them another/],
    [{ type: 'string', column: 'dt' }, /every table has already/],
    [
      { type: 'object', column: 'x', properties: { a: { type: 'string' } } },
      /an object with properties has no column of its own/,
    ],
  ])('is refused in %j', (schema, message) => {
    expect(() => withProperties({ v: schema })).toThrow(message);
  });
});
