import type { TableMetadata } from '@sluice/iceberg-metadata';

/** Retention of snapshots. A snapshot is kept if either limit allows it. */
export interface SnapshotRetention {
  /** Age in milliseconds up to which a snapshot is kept. @default 1 day */
  readonly maxAgeMs: number;
  /** Number of newest snapshots that are always kept. @default 1 */
  readonly minSnapshots: number;
}

export const defaultRetention: SnapshotRetention = { maxAgeMs: 24 * 3_600_000, minSnapshots: 1 };

/** Names of the properties in which a table keeps its retention (Iceberg, "Table behavior properties"). */
const maxAgeProperty = 'history.expire.max-snapshot-age-ms';
const minSnapshotsProperty = 'history.expire.min-snapshots-to-keep';

/** Returns the properties of a table that programs which expire snapshots read its retention from. */
export const retentionProperties = ({
  maxAgeMs,
  minSnapshots,
}: SnapshotRetention): Readonly<Record<string, string>> => ({
  [maxAgeProperty]: String(maxAgeMs),
  [minSnapshotsProperty]: String(minSnapshots),
});

/** Returns the retention that a table's properties tell; the default where they tell none. */
export const retentionOf = ({
  properties,
}: Pick<TableMetadata, 'properties'>): SnapshotRetention => ({
  maxAgeMs: wholeNumber(properties[maxAgeProperty]) ?? defaultRetention.maxAgeMs,
  minSnapshots: wholeNumber(properties[minSnapshotsProperty]) ?? defaultRetention.minSnapshots,
});

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
