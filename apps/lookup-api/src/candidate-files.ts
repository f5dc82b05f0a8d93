import { keyOrder, keyText, type CompactedFile, type LakeDate } from '@sluice/lake-layout';
import type { DayFiles } from './day-files';
import { compactedLakeFile, rawLakeFile, type LakeFile } from './lake-file';
import { hasSpellings } from './key-value';
import { boundsOfFile, mayBeWithin } from './moments';
import type { RowQuery } from './row-query';

/** A file that may hold wanted rows. */
export interface Candidate {
  readonly date: LakeDate;
  /** The wanted keys that the file's day may hold. */
  readonly keys: RowQuery['keys'];
  readonly file: LakeFile;
  /**
   * Identifies a set of files in which each event occurs once: those of a sealed day, or those of one run. Undefined
   * for a raw file, which may hold an event twice.
   */
  readonly copySet: string | undefined;
}

/** Returns the raw files, and the compacted files whose bounds include wanted keys and moments. */
export function candidateFiles(query: RowQuery, day: DayFiles): readonly Candidate[] {
  const { keyColumn, keys, window } = query;
  const { date, sealed } = day;
  const order = keyOrder(keyColumn.type);
  const keyTexts = keys.map((key) => keyText(key, keyColumn.type));
  const inAnyCase = hasSpellings(keyColumn);
  const mayHoldKeys = ({ minKey, maxKey, lowerCaseKeys = false }: CompactedFile): boolean =>
    keyTexts.some((key) => {
      // Upper case sorts before lower case, so every spelling lies between the two.
      const first = inAnyCase && !lowerCaseKeys ? key.toUpperCase() : key;
      return order(minKey, key) <= 0 && order(first, maxKey) <= 0;
    });
  // On an unsealed day, a copy with another moment may be the one that counts.
  const mayHoldMoments = ({ moments }: CompactedFile): boolean =>
    !sealed || mayBeWithin(boundsOfFile(moments), window);
  return [
    ...day.compacted
      .filter((file) => mayHoldKeys(file) && mayHoldMoments(file))
      .map((file) => ({
        date,
        keys,
        file: compactedLakeFile(file),
        copySet: sealed ? 'sealed' : `${date} ${file.run}`,
      })),
    ...day.raw.map((file) => ({ date, keys, file: rawLakeFile(file), copySet: undefined })),
  ];
}
