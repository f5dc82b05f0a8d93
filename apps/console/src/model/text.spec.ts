import { age, beginning, compactJson, prettyJson, visible } from './text';

test.each([
  [0, 'now'],
  [12_000, '12 s'],
  [180_000, '3 min'],
  [7_200_000, '2 h'],
  [5 * 86_400_000, '5 d'],
  [-5_000, 'now'],
])('%p ms ago is %s', (ms, text) => {
  expect(age(1e12 - ms, 1e12)).toBe(text);
});

test('every character of a hostile text can be seen', () => {
  expect(visible('a\u202eb\u0000c\u001b[31m\u200bd')).toBe('a⟨202e⟩b⟨0000⟩c⟨001b⟩[31m⟨200b⟩d');
  expect(visible('é 東京 😀 <b>')).toBe('é 東京 😀 <b>');
  expect(visible('a\nb', { lines: true })).toBe('a\nb');
  expect(visible('\ud800x')).toBe('⟨d800⟩x');
});

test('a cut leaves whole characters', () => {
  expect(beginning('ab😀c', 3)).toEqual({ text: 'ab', isCut: true });
  expect(beginning('abc', 3)).toEqual({ text: 'abc', isCut: false });
});

test('JSON over several lines keeps every digit, and is the same value', () => {
  const text =
    '{"id":9007199254740993,"price":1.10,"a":{"b":[1,2,{"c":"x,\\"}{,{,["}]},"e":[{},{"g":[[],[1]]}],"f":{}}';
  const pretty = prettyJson(text);
  expect(pretty).toContain('"id": 9007199254740993');
  expect(pretty).toContain('"price": 1.10');
  expect(JSON.parse(pretty)).toEqual(JSON.parse(text));
  expect(pretty.split('\n').length).toBeGreaterThan(8);
  expect(prettyJson('no {json')).toBe('no {json');
  expect(prettyJson('{"a":"unfinished')).toContain('{');
});

test('JSON in one line keeps every character of its texts', () => {
  expect(compactJson('{\n  "a b": "c  \\"  d",\n\t"n": [1.10, 2]\n}')).toBe(
    '{"a b":"c  \\"  d","n":[1.10,2]}',
  );
  expect(compactJson('no  json')).toBe('no  json');
});
