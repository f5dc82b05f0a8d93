import { assert, property, string } from 'fast-check';
import { boundOf } from './bounds';

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

// Iceberg spec, "Binary single-value serialization".
test.each([
  ['34', 'long', '2200000000000000'],
  ['-1', 'long', 'ffffffffffffffff'],
  ['9223372036854775807', 'long', 'ffffffffffffff7f'],
  ['1970-01-02', 'date', '01000000'],
  ['1969-12-31', 'date', 'ffffffff'],
  ['14.20', 'decimal(9, 2)', '058c'],
  ['-1.28', 'decimal(9, 2)', '80'],
  ['1.28', 'decimal(9, 2)', '0080'],
  ['0', 'decimal(9, 2)', '00'],
  ['iceberg', 'string', '69636562657267'],
  ['1970-01-01 00:00:01.000001', 'timestamp', '41420f0000000000'],
])('%s as %s is %s', (text, type, expected) => {
  expect(hex(boundOf(text, type, 'lower'))).toBe(expected);
  expect(hex(boundOf(text, type, 'upper'))).toBe(expected);
});

test('an upper bound of a time is not below what was cut from its text', () => {
  const micros = (side: 'lower' | 'upper', text: string) =>
    Buffer.from(boundOf(text, 'timestamp', side)!).readBigInt64LE();
  expect(micros('lower', '1970-01-01 00:00:01')).toBe(1_000_000n);
  expect(micros('upper', '1970-01-01 00:00:01')).toBe(1_999_999n);
  expect(micros('upper', '1970-01-01 00:00:01.500')).toBe(1_500_999n);
});

test('a long text is cut below and rounded up above', () => {
  const text = string({ unit: 'binary', minLength: 1_020, maxLength: 1_100 });
  assert(
    property(text, (value) => {
      const bytes = Buffer.from(value);
      const upper = boundOf(value, 'string', 'upper');
      expect(Buffer.compare(boundOf(value, 'string', 'lower')!, bytes)).toBeLessThanOrEqual(0);
      if (upper) expect(Buffer.compare(upper, bytes)).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 200 },
  );
});

test.each([
  ['', 'string'],
  ['+010000-01', 'date'],
  ['+010000-01-01 00:00.000', 'timestamp'],
  ['12 µs', 'timestamp'],
  ['x', 'boolean'],
])('there is no bound for %j as %s', (text, type) => {
  expect(boundOf(text, type, 'lower')).toBeUndefined();
});
