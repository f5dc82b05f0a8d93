import {
  counted,
  countText,
  dollarsText,
  durationText,
  measuredText,
  minuteText,
  shortCountText,
  sizeText,
  spanText,
} from './figures';

test.each([
  [0, '0'],
  [9.5, '9.5'],
  [950, '950'],
  [12_345, '12.3k'],
  [4_600_000, '4.6M'],
])('%p is %s for short', (value, text) => {
  expect(shortCountText(value)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [12_345, '12.3 kB'],
  [4_600_000, '4.6 MB'],
])('%p bytes are %s', (value, text) => {
  expect(sizeText(value)).toBe(text);
});

test.each([
  [0, '0.0 ms'],
  [0.26, '0.3 ms'],
  [12.4, '12 ms'],
  [4_600, '4.6 s'],
  [150_000, '2.5 min'],
])('%p ms were measured as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test.each([
  [-5_000, '0 s'],
  [12_000, '12 s'],
  [180_000, '3 min'],
  [7_200_000, '2 h'],
  [5 * 86_400_000, '5 d'],
])('%p ms are about %s', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

test('counts have separators, and their noun is in the plural but for one', () => {
  expect([0, 1, 1_234_567.4].map(countText)).toEqual(['0', '1', '1,234,567']);
  expect([0, 1, 2_000].map((rows) => counted(rows, 'row'))).toEqual([
    '0 rows',
    '1 row',
    '2,000 rows',
  ]);
  expect(counted(2, 'entry', 'entries')).toBe('2 entries');
});

test('what was measured has about three digits, and dollars two after the point', () => {
  expect([1.254, 12.54, 1_254.4].map(measuredText)).toEqual(['1.25', '12.5', '1,254']);
  expect([1_234.5, 0.0012, 0].map(dollarsText)).toEqual(['1,234.50', '0.0012', '0.00']);
});

test('a moment is told to the minute, in UTC', () => {
  expect(minuteText(Date.parse('2026-01-31T08:02:59.999Z'))).toBe('2026-01-31 08:02');
});
