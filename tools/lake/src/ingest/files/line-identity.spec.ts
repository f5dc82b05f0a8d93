import { lineIdentityField, withLineIdentity } from './line-identity';

const identity = (text: string, file = 'a.ndjson', position = 1): unknown =>
  (JSON.parse(withLineIdentity(text, file, position)) as Record<string, unknown>)[
    lineIdentityField
  ];

test('the same line of the same file has the same identity, and every other one its own', () => {
  const text = '{"a":1}';
  expect(identity(text)).toBe(identity(text));
  const others = [
    identity(text),
    identity('{"a":2}'),
    identity(text, 'b.ndjson'),
    identity(text, 'a.ndjson', 2),
  ];
  expect(new Set(others).size).toBe(4);
});

test('the rest of the text stays as it is', () => {
  expect(withLineIdentity(' { "n" : 1.10 } ', 'a', 1)).toMatch(
    /^\{"ingest_line_id":"[\w-]{22}","n" : 1\.10 \} $/,
  );
  expect(withLineIdentity('{ }', 'a', 1)).toMatch(/^\{"ingest_line_id":"[\w-]{22}"\}$/);
});

test.each(['[1]', '"{"', '', 'oops'])('%j, which is no object, stays as it is', (text) => {
  expect(withLineIdentity(text, 'a', 1)).toBe(text);
});
