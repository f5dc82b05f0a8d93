import { Type } from '@sinclair/typebox';
import { defineEvent } from '../definitions/define-event';
import { defineJoin, type Join, type JoinDefinition } from '../definitions/define-join';
import { defineReference } from '../definitions/define-reference';
import { compareJoins } from './compare-joins';
import { breakingLines } from '../testing/breaking-lines';
import { shop } from '../testing/shop';
import { breakingChanges, compatibilityReport } from './compatibility-report';

const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'event_id',
  schema: Type.Object({ venue: Type.Integer(), host: Type.Integer() }),
});

const venues = defineReference({
  name: 'venues',
  schema: Type.Object({ id: Type.Integer(), city: Type.String(), seats: Type.Integer() }),
});

const base: JoinDefinition = {
  name: 'visit_venues',
  left: visit,
  right: venues,
  on: { left: 'venue', right: 'id' },
  type: 'left',
  columns: { left: ['venue'], right: ['city', 'seats'] },
  rename: { right: { seats: 'capacity' } },
};

const join = (more: Partial<JoinDefinition> = {}): Join => defineJoin({ ...base, ...more });

test.each<[string, Join, RegExp]>([
  ['nothing', JSON.parse(JSON.stringify(join())) as Join, /unchanged/],
  [
    'a column added',
    join({ columns: { left: ['venue', 'host'], right: ['city', 'seats'] } }),
    /ok visit_venues \/columns\/left\/1: "host" added, required/,
  ],
  [
    'a wider type',
    join({
      right: defineReference({
        ...venues,
        schema: Type.Object({
          id: Type.Integer(),
          city: Type.String(),
          seats: Type.Unsafe({ type: 'number', format: 'decimal', precision: 21, scale: 2 }),
        }),
      }),
    }),
    /seats: "capacity" changed from bigint to decimal\(21,2\); Athena reads only the days that run after/,
  ],
  ['another schedule and engine', join({ schedule: 'rate(1 day)', engine: 'spark' }), /unchanged/],
])('%s is fine', (_, after, what) => {
  const changes = compareJoins([join()], [after]);
  expect(breakingChanges(changes)).toEqual([]);
  expect(compatibilityReport(changes)).toMatch(what);
});

test.each<[string, Partial<JoinDefinition>, readonly string[]]>([
  [
    'a column removed',
    { columns: { left: ['venue'], right: ['seats'] } },
    [
      'ERROR visit_venues /columns/right/0: "city" removed',
      'breaks stored Parquet: the values in column city are no longer read',
      'breaks queries: those that name city fail',
    ],
  ],
  [
    'a column renamed',
    { rename: { right: { seats: 'size' } } },
    [
      'ERROR visit_venues /rename/right/seats: "capacity" removed (renamed to "size"?)',
      'breaks stored Parquet: the values in column capacity are no longer read',
      'breaks queries: those that name capacity fail',
    ],
  ],
  [
    'a column of another type',
    {
      right: defineReference({
        ...venues,
        schema: Type.Object({ id: Type.Integer(), city: Type.String(), seats: Type.String() }),
      }),
    },
    [
      'ERROR visit_venues /rename/right/seats: "capacity" changed from bigint to string',
      "breaks stored Parquet: results that are there hold bigint in column capacity, which can't be read as string until their days run again",
      'breaks queries: capacity comes in another type',
    ],
  ],
  [
    'a column from elsewhere',
    {
      columns: { left: ['venue', 'host'], right: ['city'] },
      rename: { left: { host: 'capacity' } },
    },
    [
      'ERROR visit_venues /rename/left/host: "capacity" is left."host" instead of right."seats"',
      'breaks queries: capacity holds other values',
    ],
  ],
  [
    'rows that match nothing',
    { type: 'inner' },
    [
      'ERROR visit_venues /type: type changed from left to inner',
      'breaks queries: rows of the left side that match nothing are no longer there',
    ],
  ],
  [
    'other keys',
    { on: { left: 'host', right: 'id' } },
    [
      'ERROR visit_venues /on/left: the left side is joined on "host" instead of "venue"',
      'breaks queries: other rows are put together',
    ],
  ],
])('%s breaks those who read its results', (_, more, lines) => {
  const changes = compareJoins([join()], [join(more)]);
  expect(breakingLines(changes)).toEqual(lines);
});

test('an inner join that keeps more rows breaks nobody', () => {
  const changes = compareJoins([join({ type: 'inner' })], [join({ type: 'right' })]);
  expect(changes.map(({ what }) => what)).toEqual(['type changed from inner to right']);
  expect(breakingChanges(changes)).toEqual([]);
});

test('a join that is gone breaks the queries that read it, a new one nobody', () => {
  const [first, ...others] = shop.joins;
  expect(compareJoins(shop.joins, others)).toEqual([
    {
      name: first?.name,
      pointer: '',
      what: 'join removed',
      breaks: [{ audience: 'queries', how: 'those that read its results fail' }],
    },
  ]);
  expect(breakingChanges(compareJoins(others, shop.joins))).toEqual([]);
});
