import {
  sequenceOfName,
  versionOfName,
  type ManifestFileInfo,
  type TableMetadata,
} from '@sluice/iceberg-metadata';
import type { ObjectInfo } from '@sluice/lake-layout';

/** The newest metadata files stay, as many as the log of the newest one names. */
const keptVersions = 100;

export interface CleanUpOptions {
  /** Number of the newest metadata file. */
  readonly version: number;
  readonly metadata: TableMetadata;
  /** Keys of what the oldest snapshot that is kept names: its list, its manifests and its files of deleted rows. */
  readonly namedByOldest: ReadonlySet<string>;
  /** A younger file is never deleted: a publisher may be about to name it, or a reader about to read it. */
  readonly graceMs: number;
  readonly nowMs: number;
}

/**
 * Plans which files of a table's metadata folder no reader can need: what only expired snapshots named, what a publisher that was
 * stopped or overtaken left, and old metadata files.
 *
 * Each file's name has the number of the snapshot that it was written for. A file is named by an unbroken row of snapshots that begins
 * with that one, so it is needed where that one is kept or the oldest one that is kept names it.
 *
 * @param objects all objects of the folder
 * @returns keys
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

/** Returns the manifests of deleted rows that a snapshot shares with those before it. */
export const sharedDeletes = (
  manifests: readonly ManifestFileInfo[],
  sequenceNumber: number,
): readonly ManifestFileInfo[] =>
  manifests.filter(
    (manifest) => manifest.content === 'deletes' && manifest.sequenceNumber < sequenceNumber,
  );
