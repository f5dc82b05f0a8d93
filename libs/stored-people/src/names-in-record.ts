import { unzip } from '@sluice/record-flattening';

/**
 * Returns the texts of a failed record to search for a name: the record itself, and the record with its escapes
 * decoded.
 */
export function textsOfRecord(record: Uint8Array): readonly string[] {
  const text = recordText(record);
  return text.includes('\\') ? [text, unescaped(text)] : [text];
}

/** Returns a record as UTF-8, unzipped where it can be. */
export function recordText(record: Uint8Array): string {
  try {
    return Buffer.from(unzip(record)).toString();
  } catch {
    return Buffer.from(record).toString();
  }
}

/**
 * Matches a digit, or a letter of a script that puts spaces between words. A name beside any other letter counts as
 * found, so that none is missed.
 */
const partOfWord = '[\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}\\p{N}]';

/**
 * Returns a function that decides whether a text contains one of some names, also as JSON writes it, with neither a
 * letter nor a digit beside it: the records of `lea` are not those of `leaf`.
 */
export function nameFinder(names: Iterable<string>): (text: string) => boolean {
  const spelled = [...names].flatMap((name) => [name, JSON.stringify(name).slice(1, -1)]);
  const either = [...new Set(spelled)].map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const pattern = new RegExp(`(?<!${partOfWord})(?:${either.join('|')})(?!${partOfWord})`, 'u');
  return (text) => pattern.test(text);
}

/** Returns a text with the escapes of JSON replaced: `\n` before a name is not a letter of it. */
const unescaped = (text: string): string =>
  text
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
    .replace(/\\[bfnrt]/g, ' ');
