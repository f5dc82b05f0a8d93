import type { ColumnIds } from '@sluice/iceberg-metadata';
import type { LakeDate, Manifest } from '@sluice/lake-layout';

/** Interface of the publisher of a table, as compaction uses it. */
export interface Publication {
  /** Ids of the columns, for the files that are written; undefined where they are not known. */
  readonly columnIds: ReadonlyMap<string, ColumnIds> | undefined;
  /** Notes a manifest that was just read or committed. */
  see(manifest: Manifest): void;
  /** Notes all days that have a manifest, including those whose manifest can't be read. */
  seeDays(days: ReadonlySet<LakeDate>): void;
  /** Decides whether a kept snapshot may name files that a commit of this day's manifest replaced at a moment. */
  mayName(manifest: Manifest, replacedAtMs: number): boolean;
}
