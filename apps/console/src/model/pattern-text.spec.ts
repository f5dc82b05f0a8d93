import { patternText } from './pattern-text';

test.each([
  ['^[A-Z]{2}-[0-9]{8}$', 'AA-12345678'],
  ['^[A-Z]{3}$', 'AAA'],
  ['^-?\\d+(?:\\.\\d{2})?$', '1'],
  ['^(?<year>20\\d\\d)-(0[1-9]|1[0-2])$', '2012-01'],
  ['^(?:ab|cd){2,3}x*[^/]$', 'ababx'],
  ['^[\\w.-]+@[a-z]+\\.(?:com|org)$', 'a@a.com'],
  ['^\\[[\\]a]\\]$', '[]]'],
  ['free', 'free'],
])('%s matches %s', (pattern, text) => {
  expect(patternText(pattern, '1234567890')).toBe(text);
});

test.each(['^(?=a)b$', '^(a)\\1$', '[', '^$x'])('%s leads to no text', (pattern) => {
  expect(patternText(pattern, '1')).toBeUndefined();
});
