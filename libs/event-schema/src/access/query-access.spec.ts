import type { Catalog } from '../catalog/check-catalog';
import { defineEvent } from '../definitions/define-event';
import { defineJoin } from '../definitions/define-join';
import { defineQuery } from '../definitions/define-query';
import { defineReference } from '../definitions/define-reference';
import { rowsByKey } from '../derived/rows-by-key';
import { queryAccess } from './query-access';

const restricted = { type: 'string', access: 'restricted' } as const;
const order = defineEvent({
  name: 'order',
  version: '2.0.0',
  key: 'id',
  schema: {
    type: 'object',
    required: ['id', 'buyer'],
    properties: {
      id: { type: 'string' },
      buyer: { type: 'string' },
      mail: restricted,
      card: restricted,
      total: { type: 'number' },
    },
  },
});
const people = defineReference({
  name: 'people',
  key: 'id',
  schema: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string' }, phone: restricted },
  },
});
const orderPeople = defineJoin({
  name: 'order_people',
  left: order,
  right: people,
  on: { left: 'buyer', right: 'id' },
  type: 'left',
  columns: { left: ['id', 'mail'], right: ['phone'] },
  rename: { left: { mail: 'address' } },
});
const catalog: Catalog = {
  eventTypes: [order],
  references: [people],
  joins: [orderPeople],
  queries: [],
};

const access = (sql: string) =>
  queryAccess(defineQuery({ name: 'asked', sql, parameters: {} }), catalog);

test.each([
  ['SELECT id, total FROM order_v2', {}],
  ['SELECT count(*) FROM order_v2', {}],
  ['SELECT total * 2, count ( * ) FROM order_v2', {}],
  [`SELECT id FROM order_v2 -- mail\nWHERE id = 'card'`, {}],
  ['SELECT 1 AS phone FROM order_v2', {}],
  ['SELECT MAIL AS x FROM "order_v2_latest"', { mail: ['order.mail'] }],
  [`SELECT id FROM order_v2_raw WHERE "mail" LIKE 'a%'`, { mail: ['order.mail'] }],
  ['SELECT unmapped FROM order_v2_latest', { unmapped: ['order.mail', 'order.card'] }],
  ['SELECT id FROM order_people WHERE phone IS NULL', { phone: ['people.phone'] }],
  ['SELECT address FROM order_people', { address: ['order.mail'] }],
  ['SELECT p.phone FROM people p', { phone: ['people.phone'] }],
  ['SELECT CAST(total AS decimal(12, 2)) FROM order_v2 WHERE (total > 1)', {}],
  ['SELECT o.id FROM order_v2 o JOIN (SELECT id FROM people) USING (id)', {}],
])('%s reads %j', (sql, needs) => {
  expect(access(sql)).toMatchObject({ needs, leavesOut: false });
});

test('the tables that describe the files of a table read all of its columns', () => {
  const { needs } = access('SELECT * FROM order_v2');
  expect(Object.keys(needs)).not.toEqual([]);
  expect(access('SELECT file_path FROM "order_v2$files"')).toMatchObject({ needs });
});

test.each([
  'SELECT * FROM order_v2',
  'SELECT DISTINCT * FROM order_v2',
  'SELECT id, * FROM order_v2',
  'SELECT o.* FROM order_v2 o',
  'SELECT o . /* all */ * FROM order_v2 o',
  'SELECT id FROM (TABLE order_v2)',
  'SELECT b FROM order_v2 AS o (a, b, c, d)',
  'SELECT b FROM "order_v2_raw" o(a, b, c, d)',
])('%s reads every column', (sql) => {
  expect(Object.keys(access(sql).needs)).toEqual(['mail', 'card', 'unmapped']);
});

test('a query reads the event types of its tables and of their joins', () => {
  expect(access('SELECT id FROM order_people').eventTypes).toEqual(['order']);
  expect(access('SELECT id FROM order_v2_raw').eventTypes).toEqual(['order']);
  expect(access('SELECT id FROM people').eventTypes).toEqual([]);
});

test('ORDER BY names no table "order"', () => {
  const first = defineEvent({ ...order, version: '1.0.0' });
  const read = (sql: string) =>
    queryAccess(defineQuery({ name: 'asked', sql, parameters: {} }), {
      ...{ eventTypes: [first], references: [people], joins: [] },
    }).eventTypes;
  expect(read('SELECT id FROM people ORDER BY id')).toEqual([]);
  expect(read('SELECT id FROM "order" ORDER BY id')).toEqual(['order']);
});

test('of the rows by their key, restricted columns can be left out', () => {
  expect(queryAccess(rowsByKey(order), catalog)).toMatchObject({
    leavesOut: true,
    needs: { mail: ['order.mail'], card: ['order.card'] },
  });
  const other = { ...rowsByKey(order), sql: 'SELECT mail AS id FROM order_v2' };
  expect(queryAccess(other, catalog).leavesOut).toBe(false);
});
