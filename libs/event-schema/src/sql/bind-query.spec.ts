import { bindQuery } from './bind-query';
import { defineEvent } from '../definitions/define-event';
import { defineQuery, type NamedQuery } from '../definitions/define-query';
import { rowsByKey } from '..';
import type { ParameterDefinition } from '../definitions/query-parameter';

const query = defineQuery({
  name: 'orders_of',
  sql: 'SELECT * FROM "order" WHERE "customer" = :customer AND ("dt" = :day OR "dt" > :day) AND "kind" = :kind',
  parameters: {
    customer: { type: 'integer', minimum: 1 },
    day: { type: 'date' },
    kind: { type: 'string', enum: ['a', 'b'], default: 'a' },
  },
});

test('puts a mark for each place, and the values in the order of the marks', () => {
  expect(bindQuery(query, { day: '2026-01-31', customer: 7 })).toEqual({
    sql: 'SELECT * FROM "order" WHERE "customer" = ? AND ("dt" = ? OR "dt" > ?) AND "kind" = ?',
    values: [7n, '2026-01-31', '2026-01-31', 'a'],
  });
});

test('answers all that is wrong at once', () => {
  expect(bindQuery(query, { customer: 0, kind: 'c', constructor: 1 })).toEqual({
    problems: [
      {
        parameter: 'constructor',
        message: 'is no parameter of orders_of; it has customer, day, kind',
      },
      { parameter: 'customer', message: 'must be at least 1' },
      { parameter: 'day', message: 'is missing' },
      { parameter: 'kind', message: 'must be one of a, b' },
    ],
  });
});

const withParameter = (parameter: ParameterDefinition): NamedQuery =>
  defineQuery({ name: 'q', sql: 'SELECT 1 WHERE :p = 1', parameters: { p: parameter } });

test.each<[ParameterDefinition, unknown, unknown]>([
  [{ type: 'integer' }, 5, 5n],
  [{ type: 'integer' }, '-9223372036854775808', -(2n ** 63n)],
  [{ type: 'integer', enum: [1, '9007199254740993'] }, '9007199254740993', 9007199254740993n],
  [{ type: 'number' }, -0.5, -0.5],
  [{ type: 'boolean' }, false, false],
  [{ type: 'string' }, '', ''],
  [{ type: 'string', maxLength: 2, pattern: '^.+$' }, '😀😀', '😀😀'],
  [{ type: 'date' }, '2024-02-29', '2024-02-29'],
  [{ type: 'timestamp' }, '2026-01-31T12:00:00Z', '2026-01-31 12:00:00.000'],
  [{ type: 'timestamp' }, '2026-01-31 12:00:00.123456', '2026-01-31 12:00:00.123456'],
])('of %j, takes %j', (parameter, given, value) => {
  expect(bindQuery(withParameter(parameter), { p: given })).toMatchObject({ values: [value] });
});

test.each<[ParameterDefinition, unknown, RegExp]>([
  [{ type: 'integer' }, 0.5, /integer of 64 bits/],
  [{ type: 'integer' }, 2 ** 53, /beyond 2\^53 as a text/],
  [{ type: 'integer' }, '9223372036854775808', /64 bits/],
  [{ type: 'integer' }, '1 OR 1=1', /64 bits/],
  [{ type: 'integer' }, true, /64 bits/],
  [{ type: 'number' }, '1', /a number/],
  [{ type: 'number' }, Infinity, /a number/],
  [{ type: 'boolean' }, 'true', /true or false/],
  [{ type: 'string' }, 1, /a text/],
  [{ type: 'string' }, null, /a text/],
  [{ type: 'string' }, ['a'], /a text/],
  [{ type: 'string' }, '\ud800', /half a surrogate pair/],
  [{ type: 'string' }, '\u0000', /null character/],
  [{ type: 'string', maxLength: 1 }, 'ab', /at most 1 characters/],
  [{ type: 'string', pattern: '^a$' }, 'b', /must match \^a\$/],
  [{ type: 'string' }, "'".repeat(512), /1024 characters/],
  [{ type: 'date' }, '2026-02-29', /a date/],
  [{ type: 'date' }, "2026-01-01' OR '1'='1", /a date/],
  [{ type: 'timestamp' }, '2026-01-31T12:00:00+01:00', /in UTC/],
  [{ type: 'timestamp' }, '2026-01-31T24:00:00Z', /in UTC/],
])('of %j, refuses %j', (parameter, given, message) => {
  expect(bindQuery(withParameter(parameter), { p: given })).toMatchObject({
    problems: [{ parameter: 'p', message: expect.stringMatching(message) }],
  });
});

describe('the rows of a key, as a query', () => {
  const keyed = (key: object): NamedQuery =>
    rowsByKey(
      defineEvent({
        name: 'it',
        version: '1.0.0',
        key: 'id',
        schema: { type: 'object', properties: { id: key }, required: ['id'] },
      }),
    );
  const days = { from: '2026-01-01', to: '2026-12-31' };

  test.each<[object, unknown, string, unknown]>([
    [{ type: 'integer' }, 5, '"id" = ?', 5n],
    [{ type: 'string' }, "x'", '"id" = ?', "x'"],
    [
      { type: 'string', format: 'uuid' },
      '0190163d-8694-739b-aea5-966c26f8ad91',
      '"id" = ?',
      '0190163d-8694-739b-aea5-966c26f8ad91',
    ],
    [{ type: 'string', format: 'date' }, '2026-01-31', '"id" = CAST(? AS date)', '2026-01-31'],
    [
      { type: 'string', format: 'date-time' },
      '2026-01-31T12:00:00Z',
      '"id" = CAST(? AS timestamp(3))',
      '2026-01-31 12:00:00.000',
    ],
    [
      { type: 'string', format: 'decimal', precision: 4, scale: 2 },
      '12.5',
      '"id" = CAST(? AS decimal(4,2))',
      '12.5',
    ],
  ])('of %j', (key, id, sql, value) => {
    const bound = bindQuery(keyed(key), { id, ...days });
    expect(bound).toEqual({
      sql: expect.stringContaining(`WHERE ${sql} AND "dt" BETWEEN ? AND ?`),
      values: [value, '2026-01-01', '2026-12-31'],
    });
  });

  test.each<[object, unknown]>([
    [{ type: 'integer' }, 'x'],
    [{ type: 'string', format: 'decimal', precision: 4, scale: 2 }, '123.45'],
    [{ type: 'string', format: 'decimal', precision: 4, scale: 2 }, '1.234'],
    [{ type: 'string', format: 'decimal', precision: 2, scale: 0 }, '1.5'],
  ])('of %j, not by %j', (key, id) => {
    expect(bindQuery(keyed(key), { id, ...days })).toHaveProperty('problems');
  });
});
