import fc from 'fast-check';
import type { ColumnType } from '@sluice/values';
import { columnName, type Column } from '../schema/columns';
import { defineEvent } from '../definitions/define-event';
import {
  defineJoin,
  sideColumns,
  type Join,
  type JoinSide,
  type JoinType,
} from '../definitions/define-join';
import { defineReference } from '../definitions/define-reference';
import { keyMismatch } from '../definitions/join-keys';
import type { JsonSchema } from '../schema/json-schema';

/** Member names that become reserved words of SQL, or that need quotes. */
const hostileNames = [
  'select',
  'from',
  'order',
  'group',
  'table',
  'user',
  'date',
  'timestamp',
  'null',
  'true',
  'l',
  'r',
  'key',
  'rows',
  'keys',
  'numbered',
  'row number',
  'left keys',
  'position',
  'hour',
  '1st',
  '2',
  '_',
  '__',
  'a"b',
  "it's",
  'x;y',
  'a--b',
  'Ünï',
  '日本',
  'a.b',
  'unmapped2',
  'end',
  'case',
  'with',
  'count',
  'row_number',
  'partition',
  'over',
  'values',
  'default',
];

const hostileTexts = [
  '',
  ' ',
  '0',
  '00',
  '1',
  '01',
  '-1',
  '1.0',
  '1.50',
  "'",
  "''",
  '"',
  '\\',
  '?',
  ':id',
  ';',
  '--',
  '/*',
  "'; DROP TABLE l; --",
  'null',
  'NULL',
  '2026-01-01',
  'ä',
  '日本',
  '😀',
  '\n',
  '\t',
  'a ',
  'A',
  'a',
];

interface KeyKind {
  readonly schema: JsonSchema;
  /** Values as texts, which DuckDB casts to the column's type. There are few, so that keys often match. */
  readonly values: readonly string[];
}

const keyKinds: readonly KeyKind[] = [
  {
    schema: { type: 'integer' },
    values: ['0', '1', '-1', '12', '9007199254740993', '9007199254740992'],
  },
  { schema: { type: 'string' }, values: hostileTexts },
  {
    schema: { type: 'string', format: 'date' },
    values: ['2026-01-01', '2026-01-02', '1969-12-31'],
  },
  {
    schema: { type: 'string', format: 'decimal', precision: 6, scale: 2 },
    values: ['0', '1', '1.50', '-1', '12', '0.01'],
  },
  {
    schema: { type: 'string', format: 'decimal', precision: 10, scale: 0 },
    values: ['0', '1', '12'],
  },
  {
    schema: { type: 'string', format: 'decimal', precision: 3, scale: 3 },
    values: ['0', '.5', '-.25'],
  },
  {
    schema: { type: 'string', format: 'date-time', digits: 0 },
    values: ['2026-01-01 00:00:00', '2026-01-01 00:00:01'],
  },
  {
    schema: { type: 'string', format: 'date-time', digits: 3 },
    values: ['2026-01-01 00:00:00', '2026-01-01 00:00:00.001'],
  },
  {
    schema: { type: 'string', format: 'date-time', digits: 6 },
    values: ['2026-01-01 00:00:00', '2026-01-01 00:00:00.000001', '2026-01-01 00:00:00.001'],
  },
];

const otherKinds: readonly KeyKind[] = [
  { schema: { type: 'number' }, values: ['0.5', '-1e300', '5e-324'] },
  { schema: { type: 'boolean' }, values: ['true', 'false'] },
  { schema: { type: 'object' }, values: ['{"a":"\'"}', '{}'] },
  { schema: { type: 'array', items: { type: 'integer' } }, values: ['[]', '[1, NULL, 3]'] },
];

/** Values of system columns, by the kind of the column; those of texts are hostile. */
const systemValues: Partial<Record<ColumnType['kind'], readonly string[]>> = {
  bigint: ['0', '7'],
  decimal: ['0', '7'],
  double: ['0', '0.5'],
  boolean: ['true', 'false'],
  date: ['2026-01-01'],
  timestamp: ['2026-01-01 00:00:00'],
};

const kindOf = (type: ColumnType, schema: JsonSchema): KeyKind =>
  [...keyKinds, ...otherKinds].find((kind) => kind.schema === schema) ?? {
    schema,
    values: systemValues[type.kind] ?? hostileTexts,
  };

/** Object schemas with hostile names, each of which becomes a column. */
const schemaArbitrary: fc.Arbitrary<JsonSchema> = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom(...hostileNames), fc.constantFrom(...keyKinds, ...otherKinds)),
    { minLength: 1, maxLength: 6, selector: ([name]) => columnName([name]) },
  )
  .map((members) => ({
    type: 'object',
    properties: Object.fromEntries(members.map(([name, { schema }]) => [name, schema])),
  }));

/** A row of a table: its columns' values as texts or null. */
export type RandomRow = Readonly<Record<string, string | null>>;

export interface RandomJoin {
  readonly join: Join;
  readonly rows: Readonly<Record<JoinSide, readonly RandomRow[]>>;
}

const sideName = fc.constantFrom('l', 'r', 'order', 'left_keys', 'keys', 'numbered', 'random');

const joinArbitrary: fc.Arbitrary<Join> = fc
  .record({
    left: schemaArbitrary,
    right: schemaArbitrary,
    names: fc.uniqueArray(sideName, { minLength: 3, maxLength: 3 }),
    type: fc.constantFrom<JoinType>('inner', 'left', 'right'),
    keyAt: fc.tuple(fc.nat(), fc.nat()),
    cut: fc.tuple(fc.nat(20), fc.nat(20)),
  })
  .map(({ left, right, names: [leftName = '', rightName = '', name = ''], type, keyAt, cut }) => {
    const sides = {
      left: defineEvent({ name: leftName, version: '1.0.0', key: 'event_id', schema: left }),
      right: defineReference({ name: rightName, schema: right }),
    };
    const pairs = sideColumns(sides, 'left').flatMap((a) =>
      sideColumns(sides, 'right').flatMap((b) => (canJoin(a, b) ? [{ left: a, right: b }] : [])),
    );
    const pair = pairs[(keyAt[0] + keyAt[1]) % Math.max(1, pairs.length)];
    if (!pair) return undefined;
    const columns = {
      left: sideColumns(sides, 'left')
        .map((column) => column.name)
        .slice(0, 1 + cut[0]),
      right: sideColumns(sides, 'right')
        .map((column) => column.name)
        .slice(0, cut[1]),
    };
    return defineJoin({
      name,
      ...sides,
      on: { left: pair.left.name, right: pair.right.name },
      type,
      columns,
      // Every name of the right side may also occur on the left side.
      rename: {
        right: Object.fromEntries(columns.right.map((column) => [column, `r_${column}_2`])),
      },
    });
  })
  .filter((join) => join !== undefined);

const comparable = new Set(['bigint', 'string', 'date', 'decimal', 'timestamp']);

const canJoin = (left: Column, right: Column): boolean =>
  comparable.has(left.type.kind) &&
  comparable.has(right.type.kind) &&
  keyMismatch({ left, right }) === undefined;

const rowsOf = (columns: readonly Column[]): fc.Arbitrary<readonly RandomRow[]> =>
  fc.array(
    fc.record(
      Object.fromEntries(
        columns.map(({ name, type, schema }) => [
          name,
          fc.option(fc.constantFrom(...kindOf(type, schema).values), { freq: 4 }),
        ]),
      ),
    ),
    { maxLength: 8 },
  );

/** Random joins of tables with hostile names, and a few rows of each whose keys often match. */
export const randomJoin: fc.Arbitrary<RandomJoin> = joinArbitrary.chain((join) =>
  fc.record({
    join: fc.constant(join),
    rows: fc.record({
      left: rowsOf(sideColumns(join, 'left')),
      right: rowsOf(sideColumns(join, 'right')),
    }),
  }),
);
