import { errorsPrefix, PreconditionFailedError, type ObjectStore } from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import { errorKinds, errorLineReader, linesOf, rewriteFailed } from '@sluice/failed-records/replay';
import { nameFinder, textsOfRecord } from '@sluice/stored-people';

export interface EraseFailedOptions {
  readonly store: ObjectStore;
  readonly table: string;
  /** Names of each person: in clear, and as in rows that failed conversion. */
  readonly people: readonly ReadonlySet<string>[];
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
 * Removes the failed records that contain a name of one of some people, as a whole word anywhere, from a table's error
 * output.
 *
 * @returns the counts for each of the people, in their order
 */
export async function eraseFailed({
  store,
  table,
  people: named,
  errorKeys,
  dryRun,
}: EraseFailedOptions): Promise<readonly FailedErasure[]> {
  const people = named.map((names) => ({ holdsName: nameFinder(names), failedRecords: 0 }));
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
        const texts = textsOfRecord(result.record.bytes);
        const named = people.filter(({ holdsName }) => texts.some(holdsName));
        if (named.length === 0) return line;
        for (const person of named) person.failedRecords++;
        erased++;
        return Buffer.from(erasedLine);
      });
      if (erased === 0 || dryRun) continue;
      const text = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
      try {
        await rewriteFailed(store, { key: object.key, etag, bytes }, text);
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        throw new Error(`${object.key} was changed meanwhile; run the erasure again`, {
          cause: error,
        });
      }
    }
  return people.map(({ failedRecords }) => ({ failedRecords, unreadRecords }));
}
