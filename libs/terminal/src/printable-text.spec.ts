import { printable } from './printable-text';

test.each([
  ['escape sequences', 'a\u001b[2Jb', 'a\\u001b[2Jb'],
  ['C1 controls', 'a\u009bb', 'a\\u009bb'],
  ['ends of lines', 'a\r\nb\u2028c', 'a\\r\\nb\\u2028c'],
  [
    'what turns the direction',
    'a\u202eb\u2066c\u200fd\u061ce',
    'a\\u202eb\\u2066c\\u200fd\\u061ce',
  ],
])('%s are escaped', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('letters of every script, and quotes, stay', () => {
  const text = 'Zoë "שלום" 世界 👩\u200d🚀 \\';
  expect(printable(text)).toBe(text);
});
