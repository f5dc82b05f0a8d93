import { defineEvent } from '../definitions/define-event';
import { tableColumns } from '../definitions/table-columns';
import {
  checkKeyScopes,
  everyScope,
  scopesByKeyId,
  seesRecords,
  visibleColumns,
} from './key-scopes';

const order = defineEvent({
  name: 'order',
  version: '1.0.0',
  key: 'id',
  schema: {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string' },
      mail: { type: 'string', access: 'restricted' },
      card: { type: 'string', access: 'restricted' },
      total: { type: 'number' },
    },
  },
});
const open = defineEvent({
  ...order,
  name: 'open',
  schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
});
const catalog = { eventTypes: [order, open], references: [] };

test('a key without scopes of its own sees no restricted column, nor what may hold its values', () => {
  expect(visibleColumns({}, order)).toMatchObject({ leftOut: ['mail', 'card', 'unmapped'] });
  expect(visibleColumns({}, order).columns.map(({ name }) => name)).toEqual([
    ...['id', 'total', 'event_id', 'ingested_at'],
  ]);
  expect(seesRecords({}, order)).toBe(false);
  expect(visibleColumns({}, open)).toEqual({ columns: tableColumns(open), leftOut: [] });
});

test('a key with some restricted columns sees these, and one with all sees "unmapped" too', () => {
  const some = { restrictedColumns: ['order.mail'] };
  expect(visibleColumns(some, order).leftOut).toEqual(['card', 'unmapped']);
  const all = { restrictedColumns: ['order.mail', 'order.card'] };
  for (const scopes of [all, everyScope]) {
    expect(visibleColumns(scopes, order)).toEqual({ columns: tableColumns(order), leftOut: [] });
    expect(seesRecords(scopes, order)).toBe(true);
  }
});

test('scopes are found by the id of the key: the own key has all, an unknown one no restricted column', () => {
  const support = { actions: ['look-up' as const] };
  const scopesOf = scopesByKeyId({ own: '', s1: 'support', s2: 'gone' }, { support });
  expect(scopesOf('own')).toBe(everyScope);
  expect(scopesOf('s1')).toBe(support);
  expect(scopesOf('s2')).toEqual({ actions: [], eventTypes: [] });
  for (const unknown of ['toString', 'made-by-hand', undefined])
    expect(scopesOf(unknown)).toEqual({});
});

test('scopes are checked against what there is', () => {
  const keys = { support: { eventTypes: ['order'], restrictedColumns: ['order.mail'] } };
  expect(checkKeyScopes(keys, catalog)).toBe(keys);
  expect(checkKeyScopes({ a: { restrictedColumns: 'all' } }, catalog)).toBeDefined();
});

test.each([
  [[], 'must be an object of scopes by the name of a key'],
  [{ Support: {} }, 'API key "Support": a name matches'],
  [{ a: 'all' }, 'API key "a": must be an object of scopes'],
  [{ a: { columns: [] } }, '"columns" is no scope; there are actions, eventTypes, restricted'],
  [{ a: { actions: 'query' } }, '"actions" must be a list'],
  [{ a: { actions: ['read'] } }, '"actions" names "read"; there is look-up, query, subject'],
  [{ a: { eventTypes: ['ordr'] } }, '"eventTypes" names "ordr"; there is order, open'],
  [
    { a: { restrictedColumns: ['order.total'] } },
    '"restrictedColumns" names "order.total"; there is order.mail, order.card',
  ],
])('%j is refused: %s', (keys, message) => {
  expect(() => checkKeyScopes(keys, catalog)).toThrow(message);
});

test('more keys than an environment holds are refused', () => {
  const keys = Object.fromEntries(Array.from({ length: 51 }, (_, number) => [`k${number}`, {}]));
  expect(() => checkKeyScopes(keys, catalog)).toThrow('has 51 keys; a stage has at most 50');
});
