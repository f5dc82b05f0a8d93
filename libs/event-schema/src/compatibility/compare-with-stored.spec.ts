import { defineEvent, type EventType } from '../definitions/define-event';
import type { JsonSchema } from '../schema/json-schema';
import { compareWithStored } from './compare-with-stored';

const eventType = (properties: Record<string, JsonSchema>, key = 'id'): EventType =>
  defineEvent({
    name: 'evt',
    version: '1.0.0',
    key,
    schema: {
      type: 'object',
      properties: { id: { type: 'string' }, ...properties },
      required: ['id', ...(key === 'id' ? [] : [key])],
    },
  });

const stored = eventType({ v: { type: 'integer' }, w: { type: 'string' } });

test('a definition that reads all of it has nothing to say', () => {
  const wider = eventType({
    w: { type: 'string', maxLength: 3 },
    v: { type: 'integer' },
    more: { type: 'boolean' },
  });
  expect(compareWithStored(stored, wider)).toEqual({ unreadable: [], unnamed: [] });
});

test('another type can not be read, and a column that is gone has no name', () => {
  expect(compareWithStored(stored, eventType({ v: { type: 'boolean' } }))).toEqual({
    unreadable: ['"v" changed from bigint to boolean, and old files hold bigint in column v'],
    unnamed: ['"w" was removed'],
  });
});

test('a wider type that the open table can not follow is not served, and one that it can is', () => {
  const decimal = (precision: number, scale: number): JsonSchema => ({
    type: 'number',
    format: 'decimal',
    precision,
    scale,
  });
  const before = eventType({ v: { type: 'integer' }, d: decimal(9, 2) });
  const after = (v: JsonSchema, d: JsonSchema) =>
    compareWithStored(before, eventType({ v, d })).unreadable;
  expect(after({ type: 'integer' }, decimal(12, 2))).toEqual([]);
  expect(after(decimal(22, 3), decimal(13, 4))).toEqual([
    `"v" changed from bigint to decimal(22,3), which the column of the table that SQL reads can't follow`,
    `"d" changed from decimal(9,2) to decimal(13,4), which the column of the table that SQL reads can't follow`,
  ]);
});

test('another key can not be read', () => {
  const { unreadable } = compareWithStored(
    stored,
    eventType({ v: { type: 'integer' }, w: { type: 'string' } }, 'w'),
  );
  expect(unreadable).toEqual([
    'the key changed from "id" to "w", and compacted files are sorted by the old one',
  ]);
});

test('a member that gives the same column is the same to a file', () => {
  const stringAt = (name: string): EventType => eventType({ [name]: { type: 'string' } });
  expect(compareWithStored(stringAt('a b'), stringAt('A-B'))).toEqual({
    unreadable: [],
    unnamed: [],
  });
});
