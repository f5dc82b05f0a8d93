import fc from 'fast-check';
import { jsonText } from './json-text';

test('a double comes back from JSON as the very same', () =>
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(JSON.parse(jsonText(value, { kind: 'double' }))).toBe(value);
    }),
  ));

test.each([
  [-0, '-0.0'],
  [0, '0'],
  [Number.NaN, '"NaN"'],
  [-Infinity, '"-Infinity"'],
])('the double %s is written as %s', (value, text) =>
  expect(jsonText(value, { kind: 'double' })).toBe(text),
);
