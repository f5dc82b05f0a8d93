import { gzipSync } from 'node:zlib';
import { fixRecord, parseFixes, suggestFixes, type FixStep } from './fixes';

const fixed = (record: string, ...steps: readonly FixStep[]): string =>
  Buffer.from(fixRecord(Buffer.from(record), steps)).toString();

test.each<[string, readonly FixStep[], string]>([
  // Digits that no step touches stay as they were sent.
  [
    '{"id":9007199254740993,"price":"1.10"}',
    [{ at: '/price', to: 'number' }],
    '{"id":9007199254740993,"price":1.10}',
  ],
  [
    '{"n":"+007","m":" 12.0 ","x":"12.5"}',
    [
      { at: '/n', to: 'integer' },
      { at: '/m', to: 'integer' },
      { at: '/x', to: 'integer' },
    ],
    '{"n":7,"m":12,"x":"12.5"}',
  ],
  ['{"n":".5"}', [{ at: '/n', to: 'number' }], '{"n":0.5}'],
  ['{"n":"1,5"}', [{ at: '/n', to: 'number' }], '{"n":"1,5"}'],
  ['{"t":12345678901234567890}', [{ at: '/t', to: 'text' }], '{"t":"12345678901234567890"}'],
  [
    '{"b":"yes","c":0}',
    [
      { at: '/b', to: 'boolean' },
      { at: '/c', to: 'boolean' },
    ],
    '{"b":true,"c":false}',
  ],
  [
    '{"t":1767225600,"u":"2026-01-01 10:00","v":"2026-01-01T10:00:00+0200"}',
    [
      { at: '/t', to: 'timestamp' },
      { at: '/u', to: 'timestamp' },
      { at: '/v', to: 'timestamp' },
    ],
    '{"t":"2026-01-01T00:00:00.000Z","u":"2026-01-01T10:00:00Z","v":"2026-01-01T10:00:00+02:00"}',
  ],
  [
    '{"a":null,"b":1}',
    [
      { at: '/a', default: 'x' },
      { at: '/b', default: 2 },
      { at: '/c', default: 3 },
    ],
    '{"a":"x","b":1,"c":3}',
  ],
  ['{"a":1,"b":2}', [{ at: '/a', rename: 'c' }], '{"b":2,"c":1}'],
  ['{"a":1,"b":2}', [{ at: '/a', rename: 'b' }], '{"a":1,"b":2}'],
  ['{"a/b":1}', [{ at: '/a~1b', remove: true }], '{}'],
  // One list of steps for all events of a record.
  ['[{"p":"1"},{"p":"2"}]', [{ at: '/*/p', to: 'number' }], '[{"p":1},{"p":2}]'],
  [
    '{"items":[{"n":"1"},{"n":2}]}',
    [{ at: '/items/*/n', to: 'integer' }],
    '{"items":[{"n":1},{"n":2}]}',
  ],
  ['{"a":1}', [{ at: '/__proto__', set: { x: 1 } }], '{"a":1,"__proto__":{"x":1}}'],
  // What is no single JSON text comes back as it was.
  ['{"a":1', [{ at: '/a', set: 2 }], '{"a":1'],
  ['{"a":1}{"a":2}', [{ at: '/a', set: 2 }], '{"a":1}{"a":2}'],
])('%s with %j is %s', (record, steps, expected) => {
  expect(fixed(record, ...steps)).toBe(expected);
});

test('unpacks what was sent as gzip', () => {
  const record = gzipSync('{"a":"1"}');
  expect(Buffer.from(fixRecord(record, [{ at: '/a', to: 'number' }])).toString()).toBe('{"a":1}');
});

test.each([
  [{}, 'fixes must be a list of steps'],
  [[1], 'step 1 of fixes is no object'],
  [[{ at: 'price', to: 'number' }], 'step 1 of fixes needs "at", a JSON pointer such as /price'],
  [[{ at: '/a', to: 'number', set: 1 }], 'step 1 of fixes needs "at" and one of'],
  [[{ at: '/a', set: 1, run: 'code' }], 'step 1 of fixes needs "at" and one of'],
  [[{ at: '/a', to: 'date' }], '"to" is one of number, integer, text, boolean, timestamp'],
  [Array.from({ length: 51 }, () => ({ at: '/a', set: 1 })), 'at most 50 steps'],
])('refuses %j', (value, message) => {
  expect(() => parseFixes(value)).toThrow(message);
});

test('a fault that says what is wanted suggests its fix', () => {
  const suggest = (code: string, detail: string) =>
    suggestFixes({ code, pointer: '/price', detail });
  expect(suggest('type', 'a string where the schema wants a number')).toEqual([
    { at: '/price', to: 'number' },
  ]);
  expect(suggest('type', 'a number where the schema wants a string')).toEqual([
    { at: '/price', to: 'text' },
  ]);
  expect(suggest('required', 'the value is missing')).toEqual([{ at: '/price', default: '' }]);
  expect(suggest('pattern', 'whatever')).toEqual([]);
  expect(suggestFixes({ code: 'malformed-json', pointer: '/', detail: '' })).toEqual([]);
});
