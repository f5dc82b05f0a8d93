import { createHash } from 'node:crypto';
import { entryStatus, type IcebergFile, type ManifestEntry } from '@sluice/iceberg-metadata';
import type { CompactedFile } from '@sluice/lake-layout';

/**
 * Returns a hash of a day's files and of where each of them begins to count; the empty text for a day without files.
 */
export const hashOfFiles = (files: readonly CompactedFile[]): string =>
  files.length === 0
    ? ''
    : createHash('sha256')
        .update(JSON.stringify(files.map(({ key, minKey }) => [key, minKey]).sort()))
        .digest('hex')
        .slice(0, 16);

export interface DayEntries {
  readonly entries: readonly ManifestEntry[];
  /** Totals of files and rows that are added; `existing` are those that were there before. */
  readonly added: Totals;
  readonly existing: Totals;
  readonly deleted: Totals;
}

export interface Totals {
  readonly files: number;
  readonly rows: number;
}

/**
 * Returns the entries of a day's manifest: files that were there keep the snapshot that added them, and files that
 * are gone are named once as deleted.
 *
 * @param before entries of the manifest that this one replaces; none for a new day
 */
export function planDayEntries(
  before: readonly ManifestEntry[],
  files: readonly IcebergFile[],
  snapshotId: number,
): DayEntries {
  const living = new Map(
    before
      .filter(({ status }) => status !== entryStatus.deleted)
      .map((entry) => [entry.file.path, entry]),
  );
  const entries = files.map((file): ManifestEntry => {
    const known = living.get(file.path);
    living.delete(file.path);
    return known
      ? { ...known, status: entryStatus.existing }
      : { status: entryStatus.added, snapshotId, sequenceNumber: null, file };
  });
  const deleted = [...living.values()].map((entry) => ({
    ...entry,
    status: entryStatus.deleted,
    snapshotId,
  }));
  const totals = (status: ManifestEntry['status']): Totals => {
    const ofStatus = [...entries, ...deleted].filter((entry) => entry.status === status);
    return { files: ofStatus.length, rows: ofStatus.reduce((sum, { file }) => sum + file.rows, 0) };
  };
  return {
    entries: [...entries, ...deleted],
    added: totals(entryStatus.added),
    existing: totals(entryStatus.existing),
    deleted: totals(entryStatus.deleted),
  };
}
