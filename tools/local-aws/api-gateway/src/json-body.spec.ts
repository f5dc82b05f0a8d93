import { LosslessNumber } from 'lossless-json';
import { JsonBody } from './json-body';

test('a body with a name twice has the last value, with long integers as without', () => {
  const valueOf = (text: string): unknown => JsonBody.parse(text).valueAt([]);
  expect(valueOf('{"a":1,"a":{"b":2}}')).toEqual({ a: { b: 2 } });
  expect(valueOf('{"a":1,"a":{"b":12345678901234567890}}')).toEqual({
    a: { b: new LosslessNumber('12345678901234567890') },
  });
});

test.each([
  ['1.0', '1.0'],
  ['1.10', '1.1'],
  ['-0.0', '-0.0'],
  ['1e3', '1000.0'],
  ['12345678.9', '1.23456789E7'],
  ['0.00001', '1.0E-5'],
  ['7', '7'],
])('the number %s at the end of a path prints as Java prints it', (written, printed) =>
  expect(String(JsonBody.parse(`{"a":${written}}`).valueAt(['a']))).toBe(printed),
);
