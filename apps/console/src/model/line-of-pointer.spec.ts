import { lineOfPointer } from './line-of-pointer';
import { prettyJson } from './text';

const lines = prettyJson(
  '{"device":{"id":"d-1"},"user":{"plan":"free","a/b":[1,{"price":"x"},{"price":2}]},"note":"{\\"id\\":1,","id":3}',
).split('\n');

test.each([
  ['/device/id', '"id": "d-1"'],
  ['/id', '"id": 3'],
  ['/*/id', '"id": 3'],
  ['/note', '"note": '],
  ['/user/a~1b/1/price', '"price": "x"'],
  ['/user/a~1b/*/price', '"price": "x"'],
  ['/user/a~1b/2/price', '"price": 2'],
  // Missing: the object that lacks it.
  ['/user/id', '"user": {'],
  ['/user/plan/deeper', '"plan": "free"'],
])('%s begins at the line %s', (pointer, expected) => {
  expect(lines[lineOfPointer(lines, pointer) ?? -1]?.trim()).toContain(expected);
});

test.each(['', '/', '/missing'])('"%s" has no line', (pointer) => {
  expect(lineOfPointer(lines, pointer)).toBeUndefined();
});

test('text that is not JSON has no line, and text that was cut has those that are there', () => {
  expect(lineOfPointer(['no "json": }]'], '/a')).toBeUndefined();
  expect(lineOfPointer(['{', '  "a": {', '    "b": "unfinish'], '/a/b')).toBe(2);
});
