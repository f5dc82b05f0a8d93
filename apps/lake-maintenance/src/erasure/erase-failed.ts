import { errorsPrefix, PreconditionFailedError, type ObjectStore } from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import { unzip } from '@sluice/record-flattening';
import { errorKinds, errorLineReader, linesOf } from '@sluice/failed-records/replay';

export interface EraseFailedOptions {
  readonly store: ObjectStore;
  readonly table: string;
  /** Names of people, in clear. */
  readonly subjects: readonly string[];
  readonly errorKeys?: Pick<HashKeys, 'keys'> | undefined;
  readonly dryRun: boolean;
}

export interface FailedErasure {
  /** Number of failed records that held the person. */
  readonly failedRecords: number;
  /**
   * Number of failed records that can't be examined, because the key to decrypt them is missing; they expire with
   * their retention.
   */
  readonly unreadRecords: number;
}

/** Replacement for a record, so that the line numbers in a replay's notes stay right. */
const erasedLine = '{"erased":true}';

/**
 * Removes the failed records that contain the name of one of some people, as a whole word anywhere, from a table's error
 * output.
 *
 * @returns the counts for each of the people, in their order
 */
export async function eraseFailed({
  store,
  table,
  subjects,
  errorKeys,
  dryRun,
}: EraseFailedOptions): Promise<readonly FailedErasure[]> {
  const people = subjects.map((subject) => ({
    holdsName: wholeWord([subject, JSON.stringify(subject).slice(1, -1)]),
    failedRecords: 0,
  }));
  let unreadRecords = 0;
  for (const kind of errorKinds)
    for await (const object of store.list(`${errorsPrefix(table)}${kind}/`)) {
      const { bytes, etag } = await store.get(object.key);
      const read = errorLineReader(kind, { table, errorKeys });
      let erased = 0;
      const lines = [...linesOf(bytes)].map((line) => {
        const result = read(line);
        if (!result.ok) {
          if (kind === 'sealed' && !Buffer.from(line).includes(erasedLine)) unreadRecords++;
          return line;
        }
        const texts = textsOf(result.record.bytes);
        const named = people.filter(({ holdsName }) => texts.some(holdsName));
        if (named.length === 0) return line;
        for (const person of named) person.failedRecords++;
        erased++;
        return Buffer.from(erasedLine);
      });
      if (erased === 0 || dryRun) continue;
      const text = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
      try {
        await store.put(object.key, text, { ifMatch: etag });
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        throw new Error(`${object.key} was changed meanwhile; run the erasure again`, {
          cause: error,
        });
      }
    }
  return people.map(({ failedRecords }) => ({ failedRecords, unreadRecords }));
}

/** Returns the texts of a record in which a name may stand: as it is, and as its escapes are read. */
function textsOf(record: Uint8Array): readonly string[] {
  let text: string;
  try {
    text = Buffer.from(unzip(record)).toString();
  } catch {
    text = Buffer.from(record).toString();
  }
  return text.includes('\\') ? [text, unescaped(text)] : [text];
}

/** Letters of the scripts that put spaces between words, and digits. Beside others a name is erased rather than missed. */
const partOfWord = '[\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}\\p{N}]';

/**
 * Returns a function that decides whether a text contains one of some names with neither a letter nor a digit beside
 * it: the records of `lea` are not those of `leaf`.
 */
function wholeWord(names: readonly string[]): (text: string) => boolean {
  const either = [...new Set(names)].map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
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
