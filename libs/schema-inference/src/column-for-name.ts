import { columnName, pathText } from '@sluice/event-schema';
import { fnv1a } from '@sluice/values';

/** Latin spellings of letters that Unicode does not decompose into a Latin letter and a mark. */
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
 * Returns a readable column name for a path: that of {@link columnName} where the names are ASCII; otherwise with
 * letters transliterated to Latin, and a hash where some can't be.
 */
export function readableColumn(path: readonly string[]): string {
  const text = pathText(path);
  if (/^[\0-\x7f]*$/.test(text)) return columnName(path);
  const plain = transliterated(text);
  return /^[\0-\x7f]*$/.test(plain) ? columnName([plain]) : hashedColumn(path);
}

/**
 * Returns a column name for a path whose plain name is taken. It depends on the path alone, not on the other fields.
 */
export function hashedColumn(path: readonly string[]): string {
  const stem = columnName([transliterated(pathText(path))])
    .replace(/_+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, maxStemLength);
  return `${stem === '' ? 'c' : stem}_${hash(JSON.stringify(path))}`;
}

const maxStemLength = 200;
const hashLength = 7;

/** Hashes a text, in base 36. */
function hash(text: string): string {
  const value = fnv1a(new TextEncoder().encode(text)) >>> 0;
  return value.toString(36).padStart(hashLength, '0');
}
