import { columnName, pathText } from '@sluice/event-schema';

/** Letters that don't come apart into a Latin one and a mark. */
const latin: Readonly<Record<string, string>> = {
  æ: 'ae',
  đ: 'd',
  ð: 'd',
  ı: 'i',
  ł: 'l',
  ø: 'o',
  œ: 'oe',
  ß: 'ss',
  þ: 'th',
};

const transliterated = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^\0-\x7f]/g, (letter) => latin[letter] ?? letter);

/**
 * A column for a path that people can read: that of {@link columnName} where the names are ASCII; else with Latin letters in the
 * place of those that they come from, and a hash where there are others.
 */
export function readableColumn(path: readonly string[]): string {
  const text = pathText(path);
  if (/^[\0-\x7f]*$/.test(text)) return columnName(path);
  const plain = transliterated(text);
  return /^[\0-\x7f]*$/.test(plain) ? columnName([plain]) : hashedColumn(path);
}

/** A column for a path whose plain one is taken; the same path has the same one in whatever company. */
export function hashedColumn(path: readonly string[]): string {
  const stem = columnName([transliterated(pathText(path))])
    .replace(/_+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, maxStemLength);
  return `${stem === '' ? 'c' : stem}_${hash(JSON.stringify(path))}`;
}

const maxStemLength = 200;
const hashLength = 7;

/** FNV-1a of 32 bits (draft-eastlake-fnv), in base 36. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text))
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value.toString(36).padStart(hashLength, '0');
}
