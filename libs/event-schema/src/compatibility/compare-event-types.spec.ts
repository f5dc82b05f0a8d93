import { Type, type TSchema } from '@sinclair/typebox';
import { defineEvent, type EventType } from '../definitions/define-event';
import { kitchenSink } from '../testing/kitchen-sink';
import type { Change } from './change';
import { compareEventTypes } from './compare-event-types';
import { breakingChanges, compatibilityReport } from './compatibility-report';

const eventType = (properties: Record<string, TSchema>, more: Partial<EventType> = {}): EventType =>
  defineEvent({
    name: 'order',
    version: '1.0.0',
    key: 'id',
    ...more,
    schema: Type.Object({ id: Type.String(), ...properties }),
  });

const compare = (before: EventType, after: EventType): readonly Change[] =>
  compareEventTypes([before], [after]).filter(({ pointer }) => pointer !== '/version');

const audiences = (changes: readonly Change[]): readonly string[] =>
  [
    ...new Set(
      breakingChanges(changes).flatMap(({ breaks }) => breaks.map(({ audience }) => audience)),
    ),
  ].sort();

const member = (schema: TSchema): EventType => eventType({ it: schema });
const nullable = (schema: TSchema): TSchema => Type.Union([schema, Type.Null()]);
const decimal = (precision: number, scale: number): TSchema =>
  Type.String({ format: 'decimal', precision, scale });

describe('fine', () => {
  test.each<[string, EventType, EventType]>([
    ['nothing changed', kitchenSink, kitchenSink],
    ['an optional field added', eventType({}), eventType({ more: Type.Optional(Type.String()) })],
    [
      'a field with a default added',
      eventType({}),
      eventType({ more: Type.Integer({ default: 1 }) }),
    ],
    [
      'an optional object with required members added',
      eventType({}),
      eventType({ o: Type.Optional(Type.Object({ a: Type.String() })) }),
    ],
    ['a decimal with more digits before its point', member(decimal(10, 2)), member(decimal(14, 2))],
    [
      'more digits of a second',
      member(Type.String({ format: 'date-time' })),
      member(Type.String({ format: 'date-time', digits: 6 })),
    ],
    ['null allowed', member(Type.String()), member(nullable(Type.String()))],
    [
      'null spelled otherwise',
      member(nullable(Type.String())),
      member(Type.Unsafe({ type: ['string', 'null'] })),
    ],
    ['no longer required', member(Type.String()), member(Type.Optional(Type.String()))],
    [
      'a value more in an enum',
      member(Type.Union([Type.Literal('a')])),
      member(Type.Union([Type.Literal('a'), Type.Literal('b')])),
    ],
    [
      'bounds that take more',
      member(Type.Integer({ minimum: 2, maximum: 5 })),
      member(Type.Integer({ minimum: 1, maximum: 6 })),
    ],
    [
      'bounds taken away',
      member(Type.String({ minLength: 2, pattern: '^a' })),
      member(Type.String()),
    ],
    ['another description', member(Type.String()), member(Type.String({ description: 'x' }))],
    [
      'another time',
      eventType({ at: Type.String() }),
      eventType({ at: Type.String() }, { time: 'at' }),
    ],
  ])('%s', (_, before, after) => {
    expect(breakingChanges(compare(before, after))).toEqual([]);
  });
});

describe('breaks', () => {
  const all = ['gateway clients', 'look-ups', 'stored Parquet'];
  const files = ['look-ups', 'stored Parquet'];
  const clients = ['gateway clients'];
  test.each<[string, EventType, EventType, readonly string[], RegExp]>([
    ['a field removed', member(Type.String()), eventType({}), all, /"it" removed/],
    [
      'integers of an array widened to decimals, which the open table can not follow',
      member(Type.Array(Type.Integer())),
      member(
        Type.Array(Type.Unsafe({ type: 'number', format: 'decimal', precision: 19, scale: 0 })),
      ),
      ['queries'],
      /array<bigint> to array<decimal\(19,0\)>/,
    ],
    [
      'a decimal with more digits after its point, likewise',
      member(decimal(10, 2)),
      member(decimal(14, 4)),
      ['queries'],
      /decimal\(10,2\) to decimal\(14,4\)/,
    ],
    [
      'an integer widened to a decimal, likewise',
      member(Type.Integer()),
      member(Type.Unsafe({ type: 'number', format: 'decimal', precision: 21, scale: 2 })),
      ['queries'],
      /bigint to decimal\(21,2\)/,
    ],
    [
      'a field renamed',
      member(Type.String()),
      eventType({ that: Type.String() }),
      all,
      /"it" removed \(renamed to "that"\?\)/,
    ],
    [
      'a field renamed to the same column',
      member(Type.String()),
      eventType({ IT: Type.Optional(Type.String()) }),
      clients,
      /"it" renamed to "IT" \(column it\)/,
    ],
    [
      'a required field added',
      eventType({}),
      member(Type.String()),
      clients,
      /"it" is now required/,
    ],
    [
      'a field now required',
      member(Type.Optional(Type.String())),
      member(Type.String()),
      clients,
      /"it" is now required/,
    ],
    [
      'a member of an optional object now required',
      member(Type.Optional(Type.Object({ a: Type.Optional(Type.String()) }))),
      member(Type.Optional(Type.Object({ a: Type.String() }))),
      clients,
      /"a" is now required/,
    ],
    [
      'a number narrowed to an integer',
      member(Type.Number()),
      member(Type.Integer()),
      all,
      /double to bigint/,
    ],
    [
      'an integer that becomes a number, and loses digits beyond 2^53',
      member(Type.Integer()),
      member(Type.Number()),
      ['look-ups', 'stored Parquet'],
      /bigint to double, which rounds integers beyond 2\^53/,
    ],
    [
      'integers of an array that become numbers',
      member(Type.Array(Type.Integer())),
      member(Type.Array(Type.Number())),
      ['look-ups', 'stored Parquet'],
      /array<bigint> to array<double>, which rounds/,
    ],
    [
      'an integer that becomes a decimal of fewer digits',
      member(Type.Integer()),
      member(Type.Unsafe({ type: 'number', format: 'decimal', precision: 20, scale: 2 })),
      ['look-ups', 'stored Parquet'],
      /bigint to decimal\(20,2\)/,
    ],
    [
      'a text that becomes a time',
      member(Type.String()),
      member(Type.String({ format: 'date-time' })),
      all,
      /string to timestamp/,
    ],
    [
      'a text that becomes JSON text',
      member(Type.String()),
      member(Type.Union([Type.String(), Type.Integer()])),
      files,
      /string to JSON text/,
    ],
    [
      'a decimal with fewer whole digits',
      member(decimal(10, 2)),
      member(decimal(10, 4)),
      files,
      /decimal\(10,2\) to decimal\(10,4\)/,
    ],
    [
      'null no longer allowed',
      member(nullable(Type.String())),
      member(Type.String()),
      clients,
      /no longer takes null/,
    ],
    [
      'null no longer allowed for an object',
      member(nullable(Type.Object({ a: Type.String() }))),
      member(Type.Object({ a: Type.String() })),
      clients,
      /no longer takes null/,
    ],
    [
      'a value gone from an enum',
      member(Type.Union([Type.Literal('a'), Type.Literal('b')])),
      member(Type.Union([Type.Literal('a')])),
      clients,
      /"b"/,
    ],
    [
      'an enum where there was none',
      member(Type.String()),
      member(Type.Unsafe({ type: 'string', enum: ['a'] })),
      clients,
      /listed values/,
    ],
    [
      'a bound that takes less',
      member(Type.Integer({ maximum: 5 })),
      member(Type.Integer({ maximum: 4 })),
      clients,
      /maximum fell from 5 to 4/,
    ],
    [
      'a bound where there was none',
      member(Type.String()),
      member(Type.String({ minLength: 1 })),
      clients,
      /minLength rose from none to 1/,
    ],
    [
      'another pattern',
      member(Type.String({ pattern: 'a' })),
      member(Type.String({ pattern: 'b' })),
      clients,
      /pattern changed from a to b/,
    ],
    [
      'narrower items of an array',
      member(Type.Array(Type.Object({ a: Type.Number() }))),
      member(Type.Array(Type.Object({ a: Type.Integer() }))),
      clients,
      /no longer takes number/,
    ],
    [
      'another key',
      eventType({ k: Type.String() }),
      eventType({ k: Type.String() }, { key: 'k' }),
      files,
      /key changed from "id" to "k"/,
    ],
    [
      'another identity',
      eventType({}),
      eventType({}, { identity: 'id' }),
      ['stored Parquet'],
      /identity changed from none to "id"/,
    ],
  ])('%s', (_, before, after, whom, what) => {
    const changes = compare(before, after);
    expect(audiences(changes)).toEqual(whom);
    expect(compatibilityReport(changes)).toMatch(what);
  });

  test('an event type removed', () => {
    expect(audiences(compareEventTypes([eventType({})], []))).toEqual(all);
  });
  test('a version that goes back', () => {
    const changes = compareEventTypes(
      [eventType({}, { version: '1.2.0' })],
      [eventType({}, { version: '1.1.9' })],
    );
    expect(audiences(changes)).toEqual(['stored Parquet']);
  });
});

test('points at the place in the definition', () => {
  const before = member(Type.Object({ 'a/b': Type.Number() }));
  const after = member(Type.Object({ 'a/b': Type.Integer() }));
  expect(compare(before, after).map(({ pointer }) => pointer)).toEqual([
    '/schema/properties/it/properties/a~1b',
    '/schema/properties/it/properties/a~1b/type',
  ]);
});

test('a new major version may change everything', () => {
  const changes = compareEventTypes(
    [member(Type.String())],
    [eventType({}, { version: '2.0.0', key: 'event_id' })],
  );
  expect(breakingChanges(changes)).toEqual([]);
  expect(compatibilityReport(changes)).toMatch(/new table order_v2; rows of order stay/);
});

test('a change without a new version is pointed out', () => {
  const changes = compareEventTypes(
    [eventType({})],
    [eventType({ more: Type.Optional(Type.String()) })],
  );
  expect(compatibilityReport(changes)).toMatch(/still 1\.0\.0; raise the minor part/);
});

test('every change of a kitchen sink is told apart from none', () => {
  expect(
    compareEventTypes([kitchenSink], [JSON.parse(JSON.stringify(kitchenSink)) as EventType]),
  ).toEqual([]);
  expect(compatibilityReport([])).toMatch(/unchanged/);
});
