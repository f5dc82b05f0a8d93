import {
  sequenceOfName,
  versionOfName,
  type ManifestFileInfo,
  type TableMetadata,
} from '@sluice/iceberg-metadata';
import type { ObjectInfo } from '@sluice/lake-layout';

/** Number of newest metadata files that are kept, as many as the log of the newest one names. */
const keptVersions = 100;

export interface CleanUpOptions {
  /** Number of the newest metadata file. */
  readonly version: number;
  readonly metadata: TableMetadata;
  /** Keys of the files that the oldest kept snapshot names: its list, its manifests and its files of deleted rows. */
  readonly namedByOldest: ReadonlySet<string>;
  /**
   * Age in milliseconds below which a file is never deleted, because a publisher may be about to name it, or a reader
   * about to read it.
   */
  readonly graceMs: number;
  readonly nowMs: number;
}

/**
 * Plans which files of a table's metadata folder to delete because no reader can need them: files that only expired
 * snapshots named, files of a publisher that was stopped or overtaken, and old metadata files.
 *
 * Each file's name has the number of the snapshot for which it was written. The snapshots that name a file form an
 * unbroken chain that begins with that one, so the file is needed if that snapshot is kept or the oldest kept one
 * names it.
 *
 * @param objects all objects of the folder
 * @returns the keys of the files
 */
export function planCleanUp(
  objects: readonly ObjectInfo[],
  { version, metadata, namedByOldest, graceMs, nowMs }: CleanUpOptions,
): readonly string[] {
  const oldest = metadata.snapshots[0]?.['sequence-number'] ?? 0;
  const newest = metadata['last-sequence-number'];
  const isNeeded = (key: string): boolean => {
    const name = key.slice(key.lastIndexOf('/') + 1);
    const ofVersion = versionOfName(name);
    if (ofVersion !== undefined) return ofVersion > version - keptVersions;
    const sequence = sequenceOfName(name);
    if (sequence === undefined || namedByOldest.has(key)) return true;
    return sequence >= oldest && sequence <= newest;
  };
  return objects
    .filter(({ key, modifiedMs }) => modifiedMs + graceMs <= nowMs && !isNeeded(key))
    .map(({ key }) => key);
}

/** Returns the manifests of deleted rows that a snapshot shares with earlier ones. */
export const sharedDeletes = (
  manifests: readonly ManifestFileInfo[],
  sequenceNumber: number,
): readonly ManifestFileInfo[] =>
  manifests.filter(
    (manifest) => manifest.content === 'deletes' && manifest.sequenceNumber < sequenceNumber,
  );
