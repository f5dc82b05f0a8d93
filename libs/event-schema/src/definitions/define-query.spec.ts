import { defineQuery, type QueryDefinition } from './define-query';
import { queryParts } from './query-placeholders';
import { expectRefusal } from '../testing/expect-refusal';

const valid: QueryDefinition = {
  name: 'orders_of',
  sql: 'SELECT * FROM "order" WHERE "customer" = :customer AND "dt" >= :from',
  parameters: { customer: { type: 'integer' }, from: { type: 'date' } },
};

const change = (members: object): unknown => ({ ...valid, ...members });
const withSql = (sql: string, parameters: object = {}): unknown => change({ sql, parameters });
const withParameter = (parameter: unknown): unknown =>
  withSql('SELECT 1 WHERE 1 = :p', { p: parameter });

test.each<[string, unknown, string, RegExp]>([
  ['a bad name', change({ name: 'Orders' }), '/name', /query "Orders", at \/name/],
  ['an unknown member', change({ params: {} }), '/params', /unknown member/],
  ['no SQL', change({ sql: undefined }), '/sql', /is missing/],
  ['no parameters', change({ parameters: undefined }), '/parameters', /\{\} for none/],
  ['null for parameters', change({ parameters: null }), '/parameters', /object of parameters/],
  ['parameters as a list', change({ parameters: ['from'] }), '/parameters', /object of parameters/],
  [
    'a parameter that is not declared',
    change({ sql: `${valid.sql}\n  AND "x" = :until` }),
    '/sql',
    /line 2, column 13: ":until" is no parameter; the query has customer, from/,
  ],
  [
    'a parameter that is not used',
    change({ parameters: { ...valid.parameters, to: { type: 'date' } } }),
    '/parameters/to',
    /no ":to" outside of texts and comments/,
  ],
  [
    'a parameter in a text only',
    withSql("SELECT ':p' WHERE 1 = 1", { p: { type: 'date' } }),
    '/parameters/p',
    /outside of texts/,
  ],
  [
    'a parameter in a name only',
    withSql('SELECT ":p" FROM t', { p: { type: 'date' } }),
    '/parameters/p',
    /outside of texts/,
  ],
  [
    'a parameter in comments only',
    withSql('SELECT 1 -- :p\n/* WHERE x = :p */', { p: { type: 'date' } }),
    '/parameters/p',
    /comments/,
  ],
  [
    'a question mark',
    withSql('SELECT 1 WHERE 1 = ?'),
    '/sql',
    /line 1, column 20: a "\?" would shift/,
  ],
  ['two statements', withSql('SELECT 1; DROP TABLE x'), '/sql', /one statement/],
  ['a text that is not closed', withSql("SELECT 'it''s"), '/sql', /column 8: a text is not closed/],
  ['a name that is not closed', withSql('SELECT "a'), '/sql', /a name is not closed/],
  ['a comment that is not closed', withSql('SELECT 1 /* and'), '/sql', /a comment is not closed/],
  ['backticks', withSql('SELECT `a` FROM t'), '/sql', /names are quoted with "/],
  ['a statement that writes', withSql('DELETE FROM t'), '/sql', /begins with SELECT or WITH/],
  [
    'a statement that writes, after a comment',
    withSql('/* SELECT */ INSERT INTO t SELECT 1'),
    '/sql',
    /begins with SELECT or WITH/,
  ],
  ['an empty text', withSql(''), '/sql', /begins with SELECT or WITH/],
  ['too long a text', withSql(`SELECT '${'ä'.repeat(131_072)}'`), '/sql', /at most 262144 bytes/],
  [
    'a parameter in the SELECT',
    withSql('SELECT :p WHERE 1 = 1', { p: { type: 'string' } }),
    '/sql',
    /column 8: ":p" is outside of a WHERE/,
  ],
  [
    'a parameter in a LIMIT',
    withSql('SELECT 1 WHERE 1 = 1 LIMIT :p', { p: { type: 'integer' } }),
    '/sql',
    /number the rows in a subquery/,
  ],
  [
    'a parameter in an ON',
    withSql('SELECT 1 FROM a JOIN b ON a.x = :p WHERE 1 = 1', { p: { type: 'integer' } }),
    '/sql',
    /outside of a WHERE/,
  ],
  [
    'a parameter in a HAVING',
    withSql('SELECT 1 FROM a WHERE 1 = 1 GROUP BY x HAVING count(*) > :p', {
      p: { type: 'integer' },
    }),
    '/sql',
    /outside of a WHERE/,
  ],
  [
    'a parameter after the subquery that has the WHERE',
    withSql('SELECT * FROM (SELECT 1 FROM a WHERE 1 = 1) LIMIT :p', { p: { type: 'integer' } }),
    '/sql',
    /outside of a WHERE/,
  ],
  [
    'a parameter of a bad name',
    change({ parameters: { 'a b': { type: 'date' } } }),
    '/parameters/a b',
    /a name matches/,
  ],
  ['null for a parameter', withParameter(null), '/parameters/p', /must be an object/],
  ['a parameter that is no object', withParameter('date'), '/parameters/p', /must be an object/],
  [
    'a parameter of an unknown type',
    withParameter({ type: 'uuid' }),
    '/parameters/p/type',
    /"uuid" is none of string, integer/,
  ],
  [
    'an unknown member of a parameter',
    withParameter({ type: 'date', max: 1 }),
    '/parameters/p/max',
    /unknown member; use type/,
  ],
  [
    'a restriction of another type',
    withParameter({ type: 'date', pattern: 'x' }),
    '/parameters/p/pattern',
    /goes with "type": "string"/,
  ],
  [
    'a broken pattern',
    withParameter({ type: 'string', pattern: '(' }),
    '/parameters/p/pattern',
    /Unterminated/,
  ],
  [
    'a pattern that only backtracking can run',
    withParameter({ type: 'string', pattern: '(a)\\1' }),
    '/parameters/p/pattern',
    /linear in the text: it refers back/,
  ],
  [
    'bounds that cross',
    withParameter({ type: 'integer', minimum: 2, maximum: 1 }),
    '/parameters/p/maximum',
    /no value fits/,
  ],
  [
    'a bound that is no number',
    withParameter({ type: 'integer', minimum: '2' }),
    '/parameters/p/minimum',
    /must be a number/,
  ],
  ['no values', withParameter({ type: 'string', enum: [] }), '/parameters/p/enum', /has no values/],
  [
    'a value of another type',
    withParameter({ type: 'integer', enum: [1, 'x'] }),
    '/parameters/p/enum/1',
    /must be an integer/,
  ],
  [
    'a default beyond the bounds',
    withParameter({ type: 'integer', maximum: 5, default: 6 }),
    '/parameters/p/default',
    /must be at most 5/,
  ],
  [
    'a default that is no date',
    withParameter({ type: 'date', default: '2026-02-30' }),
    '/parameters/p/default',
    /must be a date/,
  ],
])('refuses %s and points at it', (_, definition, pointer, message) => {
  expectRefusal(() => defineQuery(definition as QueryDefinition), pointer, message);
});

test.each([
  'SELECT 1 WHERE (1 = :p) OR (2 IN (SELECT 2 FROM t GROUP BY x HAVING count(*) > 1 LIMIT :p))',
  'WITH a AS (SELECT 1 AS x WHERE 1 = :p) SELECT * FROM a ORDER BY x',
  "select 1 where :p between extract(day from date '2026-01-01') and 31",
  "SELECT ':other', \":other\", CAST(1 AS varchar) -- :other, ' and \"\nWHERE /* ; ? ' */ 1 = :p",
])('takes %s', (sql) => {
  expect(defineQuery({ name: 'q', sql, parameters: { p: { type: 'integer' } } }).sql).toBe(sql);
  const text = queryParts(sql).map((part) => (part.kind === 'sql' ? part.text : `:${part.name}`));
  expect(text.join('')).toBe(sql);
});
