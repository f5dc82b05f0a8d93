import { isSameNumber } from '@sluice/values';
import fc from 'fast-check';
import { JsonBody } from './json-body';
import { parseJsonPath } from './json-path';
import { javaDouble, JsonText, rewriteJson } from './json-text';

describe('parseJsonPath', () => {
  test.each([
    ['$', []],
    ['$.a.b', ['a', 'b']],
    ['$.events[12].actor', ['events', 12, 'actor']],
    [`$['a b']["c.d"][0]`, ['a b', 'c.d', 0]],
    [String.raw`$['it\'s']`, ["it's"]],
    ['$.content-type', ['content-type']],
  ])('%s', (path, steps) => expect(parseJsonPath(path)).toEqual(steps));

  test.each(['a', '$..a', '$.*', '$[?(@.a)]', '$.a[', '$.a b', ''])('not %j', (path) =>
    expect(parseJsonPath(path)).toBeUndefined(),
  );
});

/** Returns the text of a value with white space wherever JSON allows it. */
const spaced = (value: unknown): string => ` \n${JSON.stringify(value, null, '\t ')}\r\n `;

describe('JsonText', () => {
  test('finds what JSON.parse finds, at every path', () => {
    const check = (text: JsonText, value: unknown, path: readonly (string | number)[]): void => {
      expect(JSON.parse(text.at(path)!)).toEqual(value);
      if (typeof value !== 'object' || value === null) return;
      for (const [name, child] of Object.entries(value))
        check(text, child, [...path, Array.isArray(value) ? Number(name) : name]);
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = spaced(value);
        check(new JsonText(text), JSON.parse(text), []);
      }),
    );
  });

  test.each([
    ['{"a":1}', ['b']],
    ['{"a":1}', [0]],
    ['[1]', [1]],
    ['[1]', ['length']],
    ['"a"', [0]],
    ['{}', ['a']],
    ['[]', [0]],
  ])('%s has nothing at %j', (text, path) => expect(new JsonText(text).at(path)).toBeUndefined());

  test('takes the last of several members of one name, as JSON.parse does', () =>
    expect(new JsonText('{"a":1,"a":{"b":"}"}}').at(['a'])).toBe('{"b":"}"}'));

  test('walks a large array of large events in one scan each', () => {
    const events = Array.from({ length: 500 }, (_, id) => ({
      user: { text: 'a'.repeat(5000), id },
    }));
    const text = new JsonText(JSON.stringify({ events, after: 1 }));
    events.forEach((_, id) => expect(text.at(['events', id, 'user', 'id'])).toBe(String(id)));
  });

  test('reads what is nested a hundred thousand levels deep', () => {
    const depth = 100_000;
    const text = `{"a":${'['.repeat(depth)}${']'.repeat(depth)},"b":2}`;
    expect(new JsonText(text).at(['b'])).toBe('2');
  });
});

describe('rewriteJson', () => {
  test('changes nothing but white space and the form of numbers', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = rewriteJson(spaced(value));
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(text.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '')).not.toMatch(/\s/);
      }),
    ));

  test('keeps every integer, every string and the order of members', () => {
    const text = String.raw`{"10":12345678901234567890,"2":"1.10 \u00e9 \"x\" ","__proto__":{"a":-0}}`;
    expect(rewriteJson(text)).toBe(text);
  });

  test('reads a long string without running out of stack', () => {
    const text = `"${'a\\"'.repeat(1_000_000)}"`;
    expect(rewriteJson(text)).toBe(text);
  });
});

test.each([
  ['1.10', '1.1'],
  ['1.0', '1.0'],
  ['-0.0', '-0.0'],
  ['0e5', '0.0'],
  ['1e5', '100000.0'],
  ['1E7', '1.0E7'],
  ['12345678.5', '1.23456785E7'],
  ['0.0001', '1.0E-4'],
  ['1e400', '1e400'],
  ['1e-400', '1e-400'],
  ['0.12345678901234567', '0.12345678901234567'],
  ['1234567890123456.7', '1234567890123456.7'],
  ['-9007199254740993.5', '-9007199254740993.5'],
  ['36028797018963968.0', '36028797018963968.0'],
  ['0.10000000000000001', '0.10000000000000001'],
  ['0.30000000000000004', '0.30000000000000004'],
  ['0.123456789012345678901234567890', '0.123456789012345678901234567890'],
])('Java prints the double %s as %s', (text, printed) => {
  expect(javaDouble(text)).toBe(printed);
  expect(JSON.parse(printed)).toBe(Number(text));
});

test('no number becomes another one', () => {
  const digits = fc.string({
    unit: fc.constantFrom(...Array.from('0123456789')),
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(digits, digits, fc.integer({ min: -40, max: 40 }), (whole, fraction, exponent) => {
      const text = `-${BigInt(whole)}.${fraction}e${exponent}`;
      expect(isSameNumber(javaDouble(text), text)).toBe(true);
    }),
  );
});

describe('JsonBody', () => {
  const body = JsonBody.parse(
    '{"id":12345678901234567890,"n":1.5,"no":null,"s":"1234567890123456789"}',
  );

  test('gives integers beyond 2^53 with all their digits', () => {
    expect(String(body.valueAt(['id']))).toBe('12345678901234567890');
    expect(String((body.valueAt([]) as { id: unknown }).id)).toBe('12345678901234567890');
  });

  test('gives other values as they are, and null as nothing', () => {
    expect(String(body.valueAt(['n']))).toBe('1.5');
    expect(body.valueAt(['s'])).toBe('1234567890123456789');
    expect(body.valueAt(['no'])).toBeUndefined();
  });

  test('an empty body counts as {}', () => expect(JsonBody.parse(' ').jsonAt([])).toBe('{}'));
});
