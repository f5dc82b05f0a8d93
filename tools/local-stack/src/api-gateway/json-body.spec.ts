import { LosslessNumber } from 'lossless-json';
import { JsonBody } from './json-body';

test('a body with a name twice has the last value, with long integers as without', () => {
  const valueOf = (text: string): unknown => JsonBody.parse(text).valueAt([]);
  expect(valueOf('{"a":1,"a":{"b":2}}')).toEqual({ a: { b: 2 } });
  expect(valueOf('{"a":1,"a":{"b":12345678901234567890}}')).toEqual({
    a: { b: new LosslessNumber('12345678901234567890') },
  });
});
