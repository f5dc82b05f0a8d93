import {
  decodeManifestList,
  entryStatus,
  withoutExpired,
  type ManifestFileInfo,
  type TableMetadata,
} from '@sluice/iceberg-metadata';
import {
  icebergMetadataPrefix,
  keyOfPath,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import pMap from 'p-map';
import type { DayManifests } from './day-manifests';
import { metadataGraceMs, type NewestVersion } from './newest-version';
import { planCleanUp, sharedDeletes } from './plan-clean-up';
import { retentionOf, type SnapshotRetention } from './snapshot-retention';
import type { TableLocation } from './table-state';

/** Result of an expiry, or of its dry run. */
export interface ExpiryResult {
  readonly table: string;
  /** Times of the expired snapshots, in milliseconds since 1970, the oldest first. */
  readonly expired: readonly number[];
  /** Number of kept snapshots. */
  readonly kept: number;
  /** Keys of deleted files in the metadata folder, which no snapshot names. */
  readonly deleted: readonly string[];
  /**
   * Keys of data files that only expired snapshots name, in a dry run. The compaction that comes next deletes them,
   * once they are past the grace period of readers.
   */
  readonly released?: readonly string[];
}
/** A table whose snapshots expire, and the moment. */
export interface ExpiringTable {
  readonly location: TableLocation & { readonly store: ObjectStore };
  readonly newest: NewestVersion;
  readonly days: Pick<DayManifests, 'entriesOf'>;
  readonly now: () => number;
}

const requestsAtOnce = 16;

/**
 * Expires snapshots of a table, and deletes the files that none names any more.
 *
 * @param retention limits to use instead of those in the table's properties
 * @param dryRun true to report what would be done, without doing it
 * @throws PreconditionFailedError where another publisher was first
 * @throws Error where the catalogue can't be made to name the version without the expired snapshots
 */
export async function expireSnapshots(
  table: ExpiringTable,
  {
    retention: given,
    dryRun,
  }: { readonly retention: Partial<SnapshotRetention> | undefined; readonly dryRun: boolean },
): Promise<ExpiryResult> {
  const { location, newest, now } = table;
  const before = await newest.fresh();
  if (!before) return { table: location.table, expired: [], kept: 0, deleted: [] };
  const nowMs = now();
  const retention = { ...retentionOf(before.metadata), ...given };
  const metadata = withoutExpired(before.metadata, { ...retention, nowMs });
  const kept = metadata.snapshots.length;
  const expired = before.metadata.snapshots.slice(0, -kept || undefined);
  if (!dryRun) {
    if (metadata !== before.metadata) await newest.commit(before, metadata, { nowMs });
    await newest.point();
    // What the catalogue still names must not be deleted under its readers.
    if (newest.catalogFault !== undefined) throw new Error(newest.catalogFault);
  }
  return {
    table: location.table,
    expired: metadata === before.metadata ? [] : expired.map((each) => each['timestamp-ms']),
    kept,
    deleted: await cleanUpMetadata(table, { metadata, dryRun }),
    ...(dryRun && {
      released: await releasedFiles(table, { before: before.metadata, after: metadata }),
    }),
  };
}

/** Returns the keys of the data files that only snapshots name which are in one version and not in the next. */
async function releasedFiles(
  { location, days }: ExpiringTable,
  { before, after }: { readonly before: TableMetadata; readonly after: TableMetadata },
): Promise<readonly string[]> {
  if (before === after) return [];
  const kept = new Set(after.snapshots.map((each) => each['snapshot-id']));
  const manifests = new Map<string, { readonly info: ManifestFileInfo; isKept: boolean }>();
  await pMap(
    before.snapshots,
    async (snapshot) => {
      const { bytes } = await location.store.get(keyOfPath(snapshot['manifest-list']));
      for (const info of await decodeManifestList(bytes)) {
        if (info.content !== 'data') continue;
        const known = manifests.get(info.path) ?? { info, isKept: false };
        manifests.set(info.path, known);
        known.isKept ||= kept.has(snapshot['snapshot-id']);
      }
    },
    { concurrency: requestsAtOnce },
  );
  const all = [...manifests.values()];
  const changed = new Set(all.filter(({ isKept }) => !isKept).map(({ info }) => info.dt));
  const named = { kept: new Set<string>(), expired: new Set<string>() };
  await pMap(
    all.filter(({ info }) => changed.has(info.dt)),
    async ({ info, isKept }) => {
      for (const { status, file } of await days.entriesOf(info))
        if (status !== entryStatus.deleted) named[isKept ? 'kept' : 'expired'].add(file.path);
    },
    { concurrency: requestsAtOnce },
  );
  return [...named.expired]
    .filter((path) => !named.kept.has(path))
    .map(keyOfPath)
    .sort();
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
  const { location, newest, now } = table;
  const version = newest.known?.version;
  if (!metadata || version === undefined) return [];
  const nowMs = now();
  const objects: ObjectInfo[] = [];
  // Listed before the oldest snapshot is read, so that files that a publisher writes in between are not in the list.
  for await (const object of location.store.list(icebergMetadataPrefix(location.table)))
    objects.push(object);
  const keys = planCleanUp(objects, {
    version,
    metadata,
    namedByOldest: await namedByOldest(table, metadata),
    graceMs: metadataGraceMs,
    nowMs,
  });
  if (keys.length > 0 && !dryRun) await location.store.delete(keys);
  return keys;
}

/** Returns the keys of all files, apart from data files, that the oldest snapshot names. */
async function namedByOldest(
  { location, newest, days }: ExpiringTable,
  { snapshots }: TableMetadata,
): Promise<ReadonlySet<string>> {
  const [oldest] = snapshots;
  if (!oldest) return new Set();
  const list = oldest['manifest-list'];
  const state = newest.known;
  const manifests =
    state?.metadata['current-snapshot-id'] === oldest['snapshot-id']
      ? state.manifests
      : await decodeManifestList((await location.store.get(keyOfPath(list))).bytes);
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
