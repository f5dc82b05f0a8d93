import fc from 'fast-check';
import { endOfString, endOfValue, skipSpace } from './json-scan';

const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 3 });

test('a value ends where its text does, whatever is around it', () => {
  fc.assert(
    fc.property(
      fc.json(),
      space,
      fc.constantFrom('', ',', ']', '}', ' ,"x":1'),
      (json, before, after) => {
        const text = before + json + after;
        const start = skipSpace(text, 0);
        expect(start).toBe(before.length);
        expect(text.slice(start, endOfValue(text, start))).toBe(json);
      },
    ),
  );
});

test.each(['"a"', '"\\""', '"\\\\"', '"a\\\\\\"b"', '"]}"'])(
  'the text %s ends with its quote',
  (json) => {
    expect(endOfString(`${json}"`, 0)).toBe(json.length);
  },
);

test('nesting of any depth is no matter', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  expect(endOfValue(`${deep},`, 0)).toBe(deep.length);
});

test.each(['"a', '"a\\"', '{"a":[1', '[{"a":"', '12', '  '])(
  'in %j, which is cut, it ends with the text',
  (cut) => {
    expect(endOfValue(cut, 0)).toBeLessThanOrEqual(cut.length);
  },
);
