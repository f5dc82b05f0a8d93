import Draft4 from 'ajv-draft-04';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { Field, Schema } from 'apache-arrow';
import { arrowType } from './arrow';
import type { Catalog } from '../catalog/check-catalog';
import { tableColumns } from '../definitions/table-columns';
import { dataDictionary } from '../catalog/data-dictionary';
import type { EventType } from '../definitions/define-event';
import { glueColumns } from './glue-columns';
import { kitchenSink } from '../testing/kitchen-sink';
import { lookupResponseSchema } from './look-up-response';
import { batchRequestModel, requestModel } from './request-model';
import type { JsonSchema } from '../schema/json-schema';
import { systemColumns } from '../schema/system-columns';
import { sale } from '../testing/shop';

const only = (eventType: EventType): Catalog => ({
  eventTypes: [eventType],
  references: [],
  joins: [],
  queries: [],
});

const event = {
  event_id: '0190163d-8694-739b-aea5-966c26f8ad91',
  key: { id: 1 },
  at: '2026-01-31T12:00:00.123456Z',
  day: null,
  price: '12.50',
  count: 3,
  code: 'ab',
  state: 'on',
  tags: ['a'],
  lines: [{ sku: 'x' }],
  mixed: 'x',
  free: { anything: [1] },
  place: { city: 'Berlin' },
};

describe('the request model', () => {
  const validate = new Draft4({ allowUnionTypes: true }).compile(requestModel(kitchenSink));

  test.each<[string, object]>([
    ['a whole event', {}],
    ['members that the schema does not name', { other: 1 }],
    ['a missing value that has a default', { count: undefined }],
    ['a decimal as a number', { price: 12.5 }],
    ['a time with an offset', { at: '2026-01-31T12:00:00+01:00' }],
    ['null where it is allowed', { place: null, numbers: [1, null] }],
    ['either type of a mixed field', { mixed: 7 }],
  ])('accepts %s', (_, change) => {
    expect(validate(JSON.parse(JSON.stringify({ ...event, ...change })))).toBe(true);
  });

  test.each<[string, object]>([
    ['a missing value', { code: undefined }],
    ['a missing value inside an object', { key: {} }],
    ['null where it is not allowed', { code: null }],
    ['a value of another type', { code: 1 }],
    ['a fraction for an integer', { count: 0.5 }],
    ['a text that is no time', { at: 'yesterday' }],
    ['a text that is no date', { day: '31.1.2026' }],
    ['a text that is no decimal', { price: '1,5' }],
    ['a text that is no UUID', { event_id: 'x' }],
    ['a value outside the enum', { state: 'maybe' }],
    ['a value at an exclusive bound', { ratio: 1 }],
    ['a value above its maximum', { count: 12 }],
    ['a value that is no multiple', { count: 4 }],
    ['a text against the pattern', { code: 'AB' }],
    ['too few and repeated items', { tags: ['a', 'a'] }],
    ['items of another shape', { lines: [{ sku: 1 }] }],
    ['another type of a mixed field', { mixed: true }],
    ['a text for a free-form object', { free: 'x' }],
  ])('refuses %s', (_, change) => {
    expect(validate(JSON.parse(JSON.stringify({ ...event, ...change })))).toBe(false);
  });

  test.each([sale, kitchenSink].map((type) => [type.name, type] as const))(
    'of %s is a valid schema of draft 4',
    (_, eventType) => {
      // Strict mode and draft 4's meta schema refuse a keyword that draft 4 does not have.
      const ajv = new Draft4({ allowUnionTypes: true });
      expect(ajv.validateSchema(requestModel(eventType))).toBe(true);
      ajv.compile(requestModel(eventType));
      ajv.compile(batchRequestModel(eventType));
    },
  );

  test('of a batch looks at the envelope alone', () => {
    const batch = new Draft4().compile(batchRequestModel(kitchenSink));
    expect(batch({ events: [{ not: 'conforming' }] })).toBe(true);
    expect(batch({ events: [] })).toBe(false);
    expect(batch({ events: [1] })).toBe(false);
    expect(batch({ events: Array.from({ length: 501 }, () => ({})) })).toBe(false);
  });
});

test('every derivation has the same columns in the same order', () => {
  for (const eventType of [sale, kitchenSink]) {
    const names = tableColumns(eventType).map(({ name }) => name);
    expect(names.slice(-systemColumns.length)).toEqual(systemColumns.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
    expect(glueColumns(eventType).map(({ name }) => name)).toEqual(names);
    expect(Object.keys(rowSchema(eventType).properties ?? {})).toEqual(names);
    expect(
      [...dataDictionary(only(eventType)).matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]),
    ).toEqual(names);
  }
});

test('Glue and Arrow types go together', () => {
  const arrow = new Schema(
    tableColumns(kitchenSink).map(({ name, type }) => new Field(name, arrowType(type), true)),
  );
  expect(
    glueColumns(kitchenSink).map(
      ({ name, type }, index) => `${name} ${type} ${String(arrow.fields[index]?.type)}`,
    ),
  ).toEqual([
    'key_id bigint Int64',
    'at timestamp Timestamp<MICROSECOND>',
    'second timestamp Timestamp<MILLISECOND>',
    'day date Date32<DAY>',
    'price decimal(12,2) Decimal[12e+2]',
    'ratio double Float64',
    'count bigint Int64',
    'ok boolean Bool',
    'code string Utf8',
    'state string Utf8',
    'tags array<string> List<Utf8>',
    'numbers array<bigint> List<Int64>',
    'lines string Utf8',
    'mixed string Utf8',
    'free string Utf8',
    'place_city string Utf8',
    'event_id string Utf8',
    'ingested_at timestamp Timestamp<MILLISECOND>',
    'unmapped string Utf8',
  ]);
});

describe('the look-up response schema', () => {
  const ajv = addFormats(new Ajv({ allowUnionTypes: true }));
  const validate = ajv.compile(lookupResponseSchema(kitchenSink));
  const row = {
    key_id: '9223372036854775807',
    at: '2026-01-31T12:00:00.123456Z',
    second: null,
    day: '2026-01-31',
    price: '12.50',
    ratio: 0.5,
    count: 3,
    ok: null,
    code: 'ab',
    state: 'on',
    tags: ['a'],
    numbers: [1, null, '9007199254740993'],
    lines: '[{"sku":"x"}]',
    mixed: '7',
    free: '{}',
    place_city: null,
    event_id: '0190163d-8694-739b-aea5-966c26f8ad91',
    ingested_at: '2026-01-31T12:00:01.000Z',
    unmapped: null,
  };
  const answer = (change: object): unknown => ({
    rows: [{ ...row, ...change }],
    count: 1,
    cursor: null,
  });

  test('describes what look-ups answer', () => {
    expect([validate(answer({})), validate.errors]).toEqual([true, null]);
    expect(validate({ rows: [], count: 0, cursor: null, message: 'No matching rows found' })).toBe(
      true,
    );
    expect(ajv.compile(rowSchema(kitchenSink))(row)).toBe(true);
  });
  test.each([
    { key_id: 1.5 },
    { at: '2026-01-31 12:00:00' },
    { code: null },
    { price: 12.5 },
    { tags: 'a' },
  ])('refuses %j', (change) => {
    expect(validate(answer(change))).toBe(false);
  });
});

test('the data dictionary keeps its tables whole whatever the texts hold', () => {
  const page = dataDictionary(only(kitchenSink));
  expect(page).toContain(
    '| `key_id` | bigint | `key.id` | yes | The \\| key. Two lines. At least 1. |',
  );
  expect(page).toContain('| `state` | string | `state` | yes | One of `"on"`, `"off"`. |');
  expect(page).toContain('| `code` | string | `code` | yes | Matches `` ^[a-z\\|`]+$ ``. |');
  for (const line of page.split('\n').filter((text) => text.startsWith('|')))
    expect(line.match(/(?<!\\)\|/g)).toHaveLength(6);
});

const rowSchema = (eventType: EventType): JsonSchema =>
  lookupResponseSchema(eventType).properties?.['rows']?.items ?? {};
