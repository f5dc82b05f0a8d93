import { defineEvent } from './define-event';
import { defineJoin, joinColumns, type JoinDefinition } from './define-join';
import { defineReference } from './define-reference';
import { joinQuery } from '../sql/join-query';
import type { JsonSchema } from '../schema/json-schema';
import { expectRefusal } from '../testing/expect-refusal';

const order = defineEvent({
  name: 'order',
  version: '2.0.0',
  key: 'id',
  schema: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      customer: { type: 'integer' },
      price: { type: 'string', format: 'decimal', precision: 30, scale: 2 },
      share: { type: 'string', format: 'decimal', precision: 4, scale: 4 },
      at: { type: 'string', format: 'date-time' },
      weight: { type: 'number' },
      note: { type: 'object' },
    },
    required: ['id', 'customer'],
  },
});
const customers = defineReference({
  name: 'customers',
  key: 'id',
  schema: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      number: { type: 'integer' },
      name: { type: ['string', 'null'] },
      dt: { type: 'string' },
      rate: { type: 'string', format: 'decimal', precision: 38, scale: 20 },
      since: { type: 'string', format: 'date' },
    },
    required: ['id', 'number', 'name'],
  },
});

const valid: JoinDefinition = {
  name: 'order_customers',
  left: order,
  right: customers,
  on: { left: 'customer', right: 'number' },
  type: 'left',
  columns: { left: ['id', 'customer'], right: ['name', 'id'] },
  rename: { right: { id: 'customer_id' } },
};

test('fills in what is left out', () => {
  const { columns, rename, schedule, engine } = defineJoin({
    name: 'all',
    left: order,
    right: customers,
    on: { left: 'id', right: 'id' },
    type: 'inner',
    rename: { right: { id: 'customer_id', dt: 'customer_dt' } },
  });
  expect({ rename, schedule, engine }).toEqual({
    rename: { left: {}, right: { id: 'customer_id', dt: 'customer_dt' } },
    schedule: 'day-sealed',
    engine: 'athena',
  });
  expect(columns).toEqual({
    left: [
      'id',
      'customer',
      'price',
      'share',
      'at',
      'weight',
      'note',
      'event_id',
      'ingested_at',
      'unmapped',
    ],
    right: ['id', 'number', 'name', 'dt', 'rate', 'since'],
  });
});

test('the columns of the other side may be empty in an outer join', () => {
  const shapes = (type: JoinDefinition['type']): readonly string[] =>
    joinColumns(defineJoin({ ...valid, type })).map(
      ({ name, required, nullable }) => `${name}${required ? '!' : ''}${nullable ? '?' : ''}`,
    );
  expect(shapes('inner')).toEqual(['id!', 'customer!', 'name!?', 'customer_id!']);
  expect(shapes('left')).toEqual(['id!', 'customer!', 'name?', 'customer_id?']);
  expect(shapes('right')).toEqual(['id?', 'customer?', 'name!?', 'customer_id!']);
});

test('the day is the only parameter, and names are quoted', () => {
  expect(joinQuery(defineJoin(valid))).toBe(
    `SELECT
  "l"."id" AS "id",
  "l"."customer" AS "customer",
  "r"."name" AS "name",
  "r"."id" AS "customer_id"
FROM (SELECT "customer", "id" FROM "order_v2" WHERE "dt" = ?) AS "l"
LEFT JOIN (SELECT "number", "name", "id" FROM "customers") AS "r"
  ON "l"."customer" = "r"."number"`,
  );
});

test.each([
  [
    'an integer and a text by their text',
    'customer',
    'id',
    'CAST("l"."customer" AS varchar) = CAST("r"."id" AS varchar)',
  ],
  [
    'a text and a date by their text',
    'id',
    'since',
    'CAST("l"."id" AS varchar) = CAST("r"."since" AS varchar)',
  ],
  [
    'a decimal and an integer by value',
    'price',
    'number',
    'CAST("l"."price" AS decimal(38,2)) = CAST("r"."number" AS decimal(38,2))',
  ],
  ['texts as they are', 'id', 'id', '"l"."id" = "r"."id"'],
])('compares %s', (_, left, right, sql) => {
  expect(joinQuery(defineJoin({ ...valid, on: { left, right } }))).toContain(`ON ${sql}`);
});

const change = (members: object): unknown => ({ ...valid, ...members });

test.each<[string, unknown, string, RegExp]>([
  ['a bad name', change({ name: 'a-b' }), '/name', /join "a-b", at \/name/],
  ['an unknown member', change({ where: 'x' }), '/where', /unknown member/],
  ['no left side', change({ left: undefined }), '/left', /is missing/],
  ['no right side', change({ right: undefined }), '/right', /is missing/],
  [
    'a type that is none',
    change({ type: 'full' }),
    '/type',
    /"full" is none of inner, left, right/,
  ],
  [
    'an engine that is none',
    change({ engine: 'emr' }),
    '/engine',
    /"emr" is none of athena, spark/,
  ],
  [
    'an unknown key on the left',
    change({ on: { left: 'customerId', right: 'id' } }),
    '/on/left',
    /"customerId" is not a column of "order_v2"; it has id, customer/,
  ],
  [
    'no key on the right',
    change({ on: { left: 'id' } }),
    '/on/right',
    /"" is not a column of "customers"/,
  ],
  [
    "a key that can't be compared",
    change({ on: { left: 'weight', right: 'number' } }),
    '/on/left',
    /of type double, whose values can't be compared/,
  ],
  ['a key of JSON text', change({ on: { left: 'note', right: 'id' } }), '/on/left', /of type json/],
  [
    'a time and a text',
    change({ on: { left: 'at', right: 'id' } }),
    '/on',
    /"at" is timestamp and "id" string; join a time with a time only/,
  ],
  [
    'decimals that no decimal holds',
    change({ on: { left: 'price', right: 'rate' } }),
    '/on',
    /"price" is decimal\(30,2\) and "rate" decimal\(38,20\); no decimal of 38 digits/,
  ],
  [
    'a decimal without whole digits and a text',
    change({ on: { left: 'share', right: 'id' } }),
    '/on',
    /0\.5 and \.5/,
  ],
  [
    'the day as a column',
    change({ columns: { left: ['dt'] } }),
    '/columns/left/0',
    /"dt" is not a column of "order_v2"/,
  ],
  [
    'an unknown column',
    change({ columns: { right: ['name', 'age'] } }),
    '/columns/right/1',
    /"age" is not a column of "customers"; it has id, number/,
  ],
  [
    'a column twice',
    change({ columns: { left: ['id', 'id'] }, rename: {} }),
    '/columns/left/1',
    /"id" is named twice/,
  ],
  [
    'no columns',
    change({ columns: { left: [], right: [] }, rename: {} }),
    '/columns',
    /at least one column/,
  ],
  [
    'a clash of two columns',
    change({ rename: {} }),
    '/rename/right/id',
    /"id" of order_v2 and "id" of customers both give the result's column "id"/,
  ],
  [
    'a clash by a new name',
    change({ rename: { right: { id: 'cid', name: 'customer' } } }),
    '/rename/right/name',
    /"customer" of order_v2 and "name" of customers both give the result's column "customer"/,
  ],
  [
    'a column that is called as the day',
    change({ columns: { left: ['id'], right: ['dt'] }, rename: {} }),
    '/rename/right/dt',
    /the day of every result/,
  ],
  [
    'a new name of a column that is not in the result',
    change({ rename: { right: { id: 'c', number: 'n' } } }),
    '/rename/right/number',
    /not among the columns of the right side/,
  ],
  [
    'a name that SQL would not keep',
    change({ rename: { right: { id: 'x" FROM t; --' } } }),
    '/rename/right/id',
    /a column's name matches/,
  ],
  [
    'a long name',
    change({ rename: { right: { id: 'x'.repeat(256) } } }),
    '/rename/right/id',
    /255/,
  ],
  [
    'a name that is no text',
    change({ rename: { right: { id: 7 } } }),
    '/rename/right/id',
    /a column's name matches/,
  ],
  ...[
    'daily',
    'rate(1 days)',
    'rate(2 day)',
    'rate(0 days)',
    'cron(0 3 * *)',
    'at(2026-01-01T00:00:00)',
    '',
  ].map((schedule): [string, unknown, string, RegExp] => [
    `the schedule "${schedule}"`,
    change({ schedule }),
    '/schedule',
    /is no schedule; write day-sealed/,
  ]),
])('refuses %s and points at it', (_, definition, pointer, message) => {
  expectRefusal(() => defineJoin(definition as JoinDefinition), pointer, message);
});

test.each([
  'day-sealed',
  'rate(1 day)',
  'rate(12 hours)',
  'cron(0 3 * * ? *)',
  'cron(0/15 8-17 ? * MON-FRI *)',
])('takes the schedule %s', (schedule) => {
  expect(defineJoin({ ...valid, schedule }).schedule).toBe(schedule);
});

test('column names that objects have already are names like others', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(
      ['constructor', 'tostring', 'id'].map((name) => [name, { type: 'string' }]),
    ),
  };
  const right = defineReference({ name: 'odd', schema });
  const join = defineJoin({
    ...valid,
    right,
    on: { left: 'id', right: 'constructor' },
    columns: { left: ['id'], right: ['constructor', 'tostring'] },
    rename: {},
  });
  expect(joinColumns(join).map(({ name }) => name)).toEqual(['id', 'constructor', 'tostring']);
});

test('a list of times is no column of a result', () => {
  const left = defineEvent({
    name: 'visit',
    version: '1.0.0',
    key: 'id',
    schema: {
      type: 'object',
      properties: {
        id: { type: 'integer' },
        times: { type: 'array', items: { type: 'string', format: 'date-time' } },
      },
      required: ['id'],
    },
  });
  const define = (columns: readonly string[] | undefined) =>
    defineJoin({
      ...{ name: 'visit_customers', left, right: customers, type: 'left' as const },
      on: { left: 'id', right: 'number' },
      columns: { ...(columns && { left: columns }), right: ['name'] },
    });
  expect(() => define(undefined)).toThrow('"times" is a list of times');
  expect(define(['id']).columns.left).toEqual(['id']);
});
