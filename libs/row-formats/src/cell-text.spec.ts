import * as fc from 'fast-check';
import {
  dateText,
  decimalText,
  parseDate,
  parseDecimal,
  parseTimestamp,
  timestampText,
} from './cell-text';

const year1 = -62_135_596_800n;
const year9999 = 253_402_300_799n;

it('dates, times and decimals come back from their text', () => {
  fc.assert(
    fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (days) => {
      expect(parseDate(dateText(days))).toBe(days);
    }),
  );
  fc.assert(
    fc.property(fc.bigInt(year1 * 1_000_000n, year9999 * 1_000_000n), (micros) => {
      expect(parseTimestamp(timestampText(micros, 6))).toBe(micros);
    }),
  );
  fc.assert(
    fc.property(
      fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n),
      fc.integer({ min: 0, max: 38 }),
      (unscaled, scale) => {
        expect(parseDecimal(decimalText(unscaled, scale), scale)).toBe(unscaled);
      },
    ),
  );
});

it.each([
  [0n, 0, '1970-01-01T00:00:00Z'],
  [-1n, 3, '1969-12-31T23:59:59.999Z'],
  [1_123_456n, 3, '1970-01-01T00:00:01.123Z'],
  [1_123_456n, 6, '1970-01-01T00:00:01.123456Z'],
] as const)('%s µs with %s digits is %s', (micros, digits, text) => {
  expect(timestampText(micros, digits)).toBe(text);
});
