import * as fc from 'fast-check';
import {
  dateText,
  daysOf,
  exactTimeDigits,
  isExactDate,
  microsOf,
  parseDate,
  parseTime,
  readTime,
  sqlTimeOfMillis,
  sqlTimeText,
  timeOfDayText,
  timeText,
} from './time-text';

const year0 = -62_167_219_200n;
const year9999 = 253_402_300_799n;
const nearMicros = fc.bigInt(year0 * 1_000_000n, (year9999 + 1n) * 1_000_000n - 1n);
const anyMicros = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);

it('dates come back from their text', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (days) => {
      expect(parseDate(dateText(days))).toBe(days);
    }),
  );
});

it('times of the years that rows can have come back from their text, in each of its forms', () => {
  fc.assert(
    fc.property(nearMicros, (micros) => {
      expect(parseTime(timeText(micros, 'micros', 6))).toBe(micros);
      expect(parseTime(sqlTimeText(micros, 'micros', 6))).toBe(micros);
    }),
  );
});

it('is what JavaScript writes, as far as its Date goes', () => {
  const days = fc.integer({ min: -100_000_000, max: 100_000_000 });
  fc.assert(
    fc.property(days, fc.integer({ min: 0, max: 86_399_999 }), (day, ofDay) => {
      const ms = Math.min(day * 86_400_000 + ofDay, 8.64e15);
      const iso = new Date(ms).toISOString();
      expect(timeText(BigInt(ms), 'millis', 3)).toBe(iso);
      expect(sqlTimeOfMillis(ms)).toBe(iso.replace('T', ' ').replace('Z', ''));
      expect(dateText(Math.floor(ms / 86_400_000))).toBe(iso.replace(/T.*/, ''));
    }),
  );
});

it('goes on beyond what JavaScript’s Date holds', () => {
  expect(dateText(2_147_483_647)).toBe('+5881580-07-11');
  expect(timeText(2n ** 63n - 1n, 'micros', 6)).toBe('+294247-01-10T04:00:54.775807Z');
  expect(timeText(-(2n ** 63n), 'micros', 6)).toBe('-290308-12-21T19:59:05.224192Z');
});

it('the day of a year, month and day is the one whose text has them', () => {
  fc.assert(
    fc.property(fc.integer({ min: -3e9, max: 3e9 }), (days) => {
      const [, year, month, day] = /^(.\d{3,})-(\d\d)-(\d\d)$/.exec(dateText(days)) ?? [];
      expect(daysOf(Number(year), Number(month), Number(day))).toBe(days);
    }),
  );
});

it('cuts digits towards the past and rounds nothing', () => {
  expect(timeText(-1n, 'micros', 3)).toBe('1969-12-31T23:59:59.999Z');
  expect(timeText(-1n, 'nanos', 0)).toBe('1969-12-31T23:59:59Z');
  expect(timeText(1_999_999n, 'micros', 3)).toBe('1970-01-01T00:00:01.999Z');
  expect(microsOf(-1n, 'nanos')).toBe(-1n);
  expect(timeOfDayText(86_399_999n, 'millis', 6)).toBe('23:59:59.999000');
});

it('has one order of units', () => {
  fc.assert(
    fc.property(anyMicros, (micros) => {
      expect(microsOf(micros * 1_000n + 999n, 'nanos')).toBe(micros);
      expect(timeText(micros * 1_000n + 999n, 'nanos', 6)).toBe(timeText(micros, 'micros', 6));
    }),
  );
});

it.each([
  ['2026-01-31T12:00:00', undefined, ''],
  ['2026-01-31T12:00:00Z', 0, ''],
  ['2026-01-31t12:00:00.5z', 0, '5'],
  ['2026-01-31 12:00:00.123456789-05:30', -330, '123456789'],
])('reads %s', (text, offsetMinutes, fraction) => {
  const seconds = Date.UTC(2026, 0, 31, 12) / 1000;
  const isLeapSecond = false;
  expect(readTime(text)).toEqual({ seconds, fraction, isLeapSecond, offsetMinutes });
});

it.each([
  '',
  '2026-02-30T00:00:00Z',
  '2026-01-31T24:00:00Z',
  '2026-01-31T23:60:00Z',
  '2026-01-31T12:00:00.Z',
  '2026-01-31T12:00:00+24:00',
  '2026-01-31T12:00:00+0100',
  '2026-01-31T12:00:00 Z',
  '2026-01-31T12:00:00Z ',
  '١٩٩٩-01-01T00:00:00Z',
  `2026-01-31T12:00:00.${'1'.repeat(60)}Z`,
  '+010000-01-01T00:00:00Z',
])('%j is no time', (text) => {
  expect(readTime(text)).toBeUndefined();
  expect(parseTime(text)).toBeUndefined();
});

it('a leap second is read, and no column holds it', () => {
  expect(readTime('2016-12-31T23:59:60Z')?.isLeapSecond).toBe(true);
  expect(parseTime('2016-12-31T23:59:60Z')).toBeUndefined();
});

it.each([
  ['2026-01-31T12:00:00Z', 0],
  ['2026-01-31T12:00:00.120Z', 3],
  ['2026-01-31T12:00:00.123456Z', 6],
  ['2026-01-31T12:00:00.1Z', undefined],
  ['2026-01-31 12:00:00Z', undefined],
  ['2026-01-31T12:00:00z', undefined],
  ['2026-01-31T13:00:00+01:00', undefined],
  ['2016-12-31T23:59:60Z', undefined],
  ['0000-01-01T00:00:00Z', undefined],
  ['2026-02-30T12:00:00Z', undefined],
])('a column of timestamps gives %s back with %s digits', (text, digits) => {
  expect(exactTimeDigits(text)).toBe(digits);
});

it('a column of dates gives every day but those of the year 0 back', () => {
  expect(['2024-02-29', '0001-01-01', '9999-12-31'].every(isExactDate)).toBe(true);
  expect(['2026-02-29', '0000-12-31', '2026-1-1', ''].some(isExactDate)).toBe(false);
});
