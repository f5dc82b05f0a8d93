import type { ColumnType } from '@sluice/event-schema';
import { RowKeys } from './row-keys';

const decimal: ColumnType = { kind: 'decimal', precision: 10, scale: 3 };
const text: ColumnType = { kind: 'string' };
const integer: ColumnType = { kind: 'bigint' };

/** Returns the problem that a second row with another key has; undefined where it has none. */
const second = (type: ColumnType, first: unknown, other: unknown): string | undefined => {
  const keys = new RowKeys(type);
  expect(keys.check(first, { unit: 'line', number: 2 })).toBeUndefined();
  return keys.check(other, { unit: 'line', number: 3 });
};

// Integers of many digits come as texts.
test.each<[ColumnType, unknown, unknown]>([
  [integer, 5, 5],
  [integer, 5, '5'],
  [integer, '12345678901234567', '12345678901234567'],
  [text, '007', '007'],
  [decimal, '1.5', '1.500'],
  [decimal, '10', '10.0'],
  [decimal, 10, '10.00'],
])('%j: %j and %j are one key', (type, first, other) => {
  expect(second(type, first, other)).toMatch(/^the key ".*" is also that of line 2$/);
});

test.each<[ColumnType, unknown, unknown]>([
  [integer, 5, 50],
  [text, '1.5', '1.50'],
  [text, 'a', 'A'],
  [decimal, '10', '1'],
  [decimal, '0.10', '0.01'],
])('%j: %j and %j are two keys', (type, first, other) => {
  expect(second(type, first, other)).toBeUndefined();
});

test.each([undefined, null, ''])('%j is no key', (key) => {
  expect(new RowKeys(text).check(key, { unit: 'row', number: 1 })).toBe('the key is missing');
});
