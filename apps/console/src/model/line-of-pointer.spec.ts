import { lineOfPointer } from './line-of-pointer';
import { prettyJson } from './text';

const lines = prettyJson(
  '{"device":{"id":"d-1"},"user":{"name":"Ada"},"items":[{"price":1},{"price":"two"}],"a/b":1}',
).split('\n');

test.each([
  ['/device/id', '    "id": "d-1"'],
  ['/user/name', '    "name": "Ada"'],
  ['/items/0/price', '      "price": 1'],
  ['/items/*/price', '      "price": 1'],
  ['/items/1/price', '      "price": "two"'],
  ['/a~1b', '  "a/b": 1'],
  // What is missing is marked where it should be.
  ['/user/id', '  "user": {'],
  ['/id', '{'],
  ['/items/1/count', '    }, {'],
])('the line of %s is %j', (pointer, line) => {
  expect(lines[lineOfPointer(lines, pointer) ?? -1]).toBe(line);
});

test('a text that is no JSON has no such line', () => {
  expect(lineOfPointer(['not JSON'], '/id')).toBeUndefined();
});
