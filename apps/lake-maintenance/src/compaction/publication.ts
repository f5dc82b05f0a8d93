import type { ColumnIds } from '@sluice/iceberg-metadata';
import type { LakeDate, Manifest } from '@sluice/lake-layout';

/** What compaction tells the publisher of a table, and asks it. */
export interface Publication {
  /** Ids of the columns for the files that are written; undefined where they are not known. */
  readonly columnIds: ReadonlyMap<string, ColumnIds> | undefined;
  /** Takes notice of a manifest as it was just read or committed. */
  see(manifest: Manifest): void;
  /** Takes notice of all days that have a manifest, those included that can't be read. */
  seeDays(days: ReadonlySet<LakeDate>): void;
  /** Decides whether a snapshot that is kept may name files that a commit of this day's manifest replaced at a moment. */
  mayName(manifest: Manifest, replacedAtMs: number): boolean;
}
