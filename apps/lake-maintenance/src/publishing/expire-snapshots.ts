import { decodeManifestList, withoutExpired, type TableMetadata } from '@sluice/iceberg-metadata';
import { icebergMetadataPrefix, type ObjectInfo, type ObjectStore } from '@sluice/lake-layout';
import pMap from 'p-map';
import type { DayManifests } from './day-manifests';
import { metadataGraceMs, type NewestVersion } from './newest-version';
import { planCleanUp, sharedDeletes } from './plan-clean-up';
import { keyOfPath, type TablePlace } from './table-state';

/** Retention of snapshots. A snapshot is kept if either limit allows it. */
export interface SnapshotRetention {
  /** Age in milliseconds up to which a snapshot is kept. @default 1 day */
  readonly maxAgeMs: number;
  /** Number of newest snapshots that are always kept. @default 1 */
  readonly minSnapshots: number;
}
/** Result of an expiry, or of its dry run. */
export interface ExpiryResult {
  readonly table: string;
  /** Times of the expired snapshots, in milliseconds since 1970, the oldest first. */
  readonly expired: readonly number[];
  /** Number of kept snapshots. */
  readonly kept: number;
  /** Keys of deleted files in the metadata folder, which no snapshot names. */
  readonly deleted: readonly string[];
}
/** A table whose snapshots expire, and the moment. */
export interface ExpiringTable {
  readonly place: TablePlace & { readonly store: ObjectStore };
  readonly newest: NewestVersion;
  readonly days: Pick<DayManifests, 'entriesOf'>;
  readonly now: () => number;
}

const dayMs = 24 * 3_600_000;
const requestsAtOnce = 16;

export const defaultRetention: SnapshotRetention = { maxAgeMs: dayMs, minSnapshots: 1 };

/**
 * Expires snapshots of a table, and deletes the files that none names any more.
 *
 * @param dryRun true to report what would be done, without doing it
 * @throws PreconditionFailedError where another publisher was first
 */
export async function expireSnapshots(
  table: ExpiringTable,
  { retention, dryRun }: { readonly retention: SnapshotRetention; readonly dryRun: boolean },
): Promise<ExpiryResult> {
  const { place, newest, now } = table;
  const before = await newest.fresh();
  if (!before) return { table: place.table, expired: [], kept: 0, deleted: [] };
  const nowMs = now();
  const metadata = withoutExpired(before.metadata, { ...retention, nowMs });
  const kept = metadata.snapshots.length;
  const expired = before.metadata.snapshots.slice(0, -kept || undefined);
  if (metadata !== before.metadata && !dryRun) {
    await newest.commit(before, metadata, { nowMs });
    await newest.point();
  }
  return {
    table: place.table,
    expired: metadata === before.metadata ? [] : expired.map((each) => each['timestamp-ms']),
    kept,
    deleted: await cleanUpMetadata(table, { metadata, dryRun }),
  };
}

/**
 * Deletes the files of a table's metadata folder that no snapshot names.
 *
 * @param metadata names the snapshots; by default the newest version
 * @param dryRun true to report what would be deleted, without deleting it
 * @returns the keys of the files
 */
export async function cleanUpMetadata(
  table: ExpiringTable,
  {
    metadata = table.newest.known?.metadata,
    dryRun = false,
  }: { readonly metadata?: TableMetadata | undefined; readonly dryRun?: boolean } = {},
): Promise<readonly string[]> {
  const { place, newest, now } = table;
  const version = newest.known?.version;
  if (!metadata || version === undefined) return [];
  const nowMs = now();
  const objects: ObjectInfo[] = [];
  // Listed before the oldest snapshot is read, so that files that a publisher writes in between are not in the list.
  for await (const object of place.store.list(icebergMetadataPrefix(place.table)))
    objects.push(object);
  const keys = planCleanUp(objects, {
    version,
    metadata,
    namedByOldest: await namedByOldest(table, metadata),
    graceMs: metadataGraceMs,
    nowMs,
  });
  if (keys.length > 0 && !dryRun) await place.store.delete(keys);
  return keys;
}

/** Returns the keys of all files, apart from data files, that the oldest snapshot names. */
async function namedByOldest(
  { place, newest, days }: ExpiringTable,
  { snapshots }: TableMetadata,
): Promise<ReadonlySet<string>> {
  const [oldest] = snapshots;
  if (!oldest) return new Set();
  const list = oldest['manifest-list'];
  const state = newest.known;
  const manifests =
    state?.metadata['current-snapshot-id'] === oldest['snapshot-id']
      ? state.manifests
      : await decodeManifestList((await place.store.get(keyOfPath(list))).bytes);
  const deletes = await pMap(
    sharedDeletes(manifests, oldest['sequence-number']),
    (manifest) => days.entriesOf(manifest),
    { concurrency: requestsAtOnce },
  );
  const paths = [
    list,
    ...manifests.map(({ path }) => path),
    ...deletes.flat().map(({ file }) => file.path),
  ];
  return new Set(paths.map(keyOfPath));
}
