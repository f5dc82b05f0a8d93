import { queryParameters, refuseUnknown, wholeNumber } from './parameters';
import { Problem } from './problem';

const query = (entries: Readonly<Record<string, readonly string[]>>) => ({
  query: new Map(Object.entries(entries)),
});

test('parameters are read by name, each once', () => {
  expect(queryParameters(query({ limit: ['5'] }), ['limit', 'cursor'])).toEqual({ limit: '5' });
  expect(() => queryParameters(query({ limit: ['5', '6'] }), ['limit'])).toThrow(
    new Problem(400, '"limit" is given 2 times'),
  );
});

test('a name that nobody reads is refused, with those that somebody does', () => {
  expect(() => queryParameters(query({ limt: ['5'] }), ['limit', 'cursor'])).toThrow(
    new Problem(400, 'unknown parameter "limt"; known are limit, cursor'),
  );
  expect(() => refuseUnknown('member', ['a', 'b'], [])).toThrow(
    new Problem(400, 'unknown member "a", "b"; there are none'),
  );
});

const bounds = { least: 1, most: 20, otherwise: 10 };

test.each([
  [undefined, 10],
  ['1', 1],
  ['20', 20],
])('%p is the whole number %d', (text, value) => {
  expect(wholeNumber(text, 'limit', bounds)).toBe(value);
});

test.each(['0', '21', '', '1.5', '-1', '1e1', ' 5', '9'.repeat(400)])('%j is refused', (text) => {
  expect(() => wholeNumber(text, 'limit', bounds)).toThrow(
    /^"limit" must be a whole number from 1 to 20; it is "/,
  );
});
