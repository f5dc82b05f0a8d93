import { compareRenderings, type Rendered } from './known-differences';
import { batchTemplate, singleTemplate, type TemplateCase } from './template-cases';

const put = (event: string, { key = 'k', space = '', end = '\n' } = {}): Rendered => ({
  text: `{${space}"Data":"${Buffer.from(`${event}${end}`).toString('base64')}","PartitionKey":${JSON.stringify(key)}}`,
  headers: {},
});

const keyed = (key: unknown): TemplateCase => ({
  tried: 'a case',
  template: batchTemplate,
  body: JSON.stringify({ events: [{ actor: { 'login-name': key } }] }),
  params: {},
});

const verdict = (one: TemplateCase, ours: Rendered, theirs: Rendered): string => {
  const result = compareRenderings(one, ours, theirs);
  return typeof result === 'string' ? result : result.name;
};

test('tells apart the same bytes, each known difference, and all others', () => {
  expect(verdict(keyed('k'), put('{"a":1}'), put('{"a":1}'))).toBe('same bytes');
  expect(verdict(keyed('k'), put('{"a":1}'), put('{"a":1}', { space: '\n ' }))).toBe('white space');
  expect(verdict(keyed('k'), put(String.raw`{"a":"\/"}`), put('{"a":"/"}'))).toBe(
    'events written again',
  );
  expect(verdict(keyed({ a: 1 }), put('{"a":1}'), put('{"a":1}', { key: 'other' }))).toBe(
    'keys that are no text',
  );
  expect(verdict(keyed('k'), put('{"a":1}'), put('{"a":2}'))).toBe('differs');
});

test('a single event has to come through byte by byte, and a key that is text too', () => {
  const single = { ...keyed('k'), template: singleTemplate };
  expect(verdict(single, put(String.raw`{"a":"\/"}`), put('{"a":"/"}'))).toBe('differs');
  expect(verdict(keyed('k'), put('{"a":1}'), put('{"a":1}', { key: 'other' }))).toBe('differs');
});

test('white space within a string, a lost line feed, a status and a header are differences', () => {
  expect(verdict(keyed('k'), put('{"a":" "}'), put('{"a":""}'))).toBe('differs');
  expect(verdict(keyed('k'), { text: '{"b":"x y"}' }, { text: '{"b":"xy"}' })).toBe('differs');
  expect(verdict(keyed('k'), put('{"a":1}'), put('{"a":1}', { end: '' }))).toBe('differs');
  expect(verdict(keyed('k'), { text: '', status: '207' }, { text: '' })).toBe('differs');
  expect(verdict(keyed('k'), { text: '', headers: { a: '1' } }, { text: '', headers: {} })).toBe(
    'differs',
  );
  expect(verdict(keyed('k'), { text: '' }, { error: 'ParseErrorException' })).toBe('differs');
  expect(verdict(keyed('k'), { error: 'ours' }, { error: 'theirs' })).toBe('same bytes');
});
