import { randomBytes } from 'node:crypto';
import { tableName, type EventType } from '@sluice/event-schema';
import {
  columnIds,
  currentSchema,
  currentSnapshot,
  encodeManifestList,
  manifestListName,
  parseDayManifestName,
  withoutExpired,
  withProperties,
  withSnapshot,
  type ColumnIds,
  type ManifestFileInfo,
  type Snapshot,
  type SnapshotSummary,
} from '@sluice/iceberg-metadata';
import {
  icebergMetadataPrefix,
  objectPath,
  readManifest,
  type LakeDate,
  type Manifest,
  type ObjectStore,
} from '@sluice/lake-layout';
import pMap from 'p-map';
import { announceSealed, isUnannounced } from '../compaction/announce-sealed';
import { filesToRewrite } from '../compaction/plan-step';
import type { Publication } from '../compaction/publication';
import { DayManifests, type DayChange, type PublishedDay } from './day-manifests';
import {
  cleanUpMetadata,
  expireSnapshots,
  type ExpiringTable,
  type ExpiryResult,
} from './expire-snapshots';
import { NewestVersion, type CatalogPointer } from './newest-version';
import { hashOfFiles } from './plan-day';
import { retentionOf, retentionProperties, type SnapshotRetention } from './snapshot-retention';
import { avro, metadataFor, uniquePart, type TableLocation } from './table-state';

export interface PublisherOptions {
  readonly store: ObjectStore;
  /** Name of the bucket behind `store`, for the paths that engines read. */
  readonly bucket: string;
  readonly eventType: EventType;
  /** Retention of snapshots in this publisher's runs. @default what the table's own properties say */
  readonly retention?: SnapshotRetention;
  /** Retention that the table's properties are made to say. @default they stay as they are */
  readonly retentionSetting?: SnapshotRetention;
  readonly catalog?: CatalogPointer;
  readonly now?: () => number;
}

export interface PublishResult {
  readonly table: string;
  /** Days whose files the new snapshot changed; none where nothing had changed. */
  readonly days: readonly LakeDate[];
  /** Number of the metadata file by which the table is read. */
  readonly version: number;
  /** Number of commits that failed because another publisher was faster. */
  readonly conflicts: number;
  /** Age in milliseconds of the oldest change that the table does not show; 0 where it shows all. */
  readonly lagMs: number;
  /**
   * Days that the table does not contain yet, because other engines would misread the times that an earlier release
   * wrote. Compaction rewrites their files.
   */
  readonly waitingDays: number;
  /** Why the table could not be brought up to date. */
  readonly fault?: string;
}

const hourMs = 3_600_000;
const cleanUpEveryMs = hourMs;
const requestsAtOnce = 16;
const daysAtOnce = 4;
/** Longest time in milliseconds from the moment in a manifest until the manifest is stored. */
const commitSlackMs = 30 * 60_000;
/** Milliseconds for which expired snapshots wait for the next snapshot, whose commit then removes them as well. */
const expiryDelayMs = hourMs;

/**
 * Property of a snapshot's summary: the moment, in milliseconds since 1970, before which every committed manifest is
 * included.
 */
const followsProperty = 'sluice.follows-ms';

/** A change of a day that is not published yet. */
interface ChangedDay {
  /** Time of the change, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** The manifest, read after the table's state; undefined where it has to be read again. */
  readonly manifest: Manifest | undefined;
}

/**
 * Publishes one table as an Iceberg table: the files that the manifests name, left where they are, become its
 * snapshots. Keep it between runs; what it remembers only saves requests.
 *
 * A snapshot is made from manifests that were read after the version that it follows, so it never reverts the table.
 */
export class TablePublisher implements Publication {
  readonly table: string;
  readonly #location: TableLocation & { readonly store: ObjectStore };
  readonly eventType: EventType;
  readonly #ownRetention: SnapshotRetention | undefined;
  readonly #retentionSetting: SnapshotRetention | undefined;
  readonly #now: () => number;
  readonly #newest: NewestVersion;
  readonly #days: DayManifests;
  readonly #changed = new Map<LakeDate, ChangedDay>();
  readonly #waiting = new Set<LakeDate>();
  /** Sealed days whose markers are written once the table shows them. */
  readonly #unannounced = new Set<LakeDate>();
  /** All days that had a manifest when they were last listed; undefined where they were not since {@link open}. */
  #listed: ReadonlySet<LakeDate> | undefined;
  #openedMs = 0;
  #cleanedMs = -Infinity;
  /** Reason why the columns can't be changed to the definition's. */
  #refusal: string | undefined;
  columnIds: ReadonlyMap<string, ColumnIds> | undefined;

  constructor({
    store,
    bucket,
    eventType,
    retention,
    retentionSetting,
    catalog,
    now = Date.now,
  }: PublisherOptions) {
    this.table = tableName(eventType);
    this.#location = { store, bucket, table: this.table };
    this.eventType = eventType;
    this.#ownRetention = retention;
    this.#retentionSetting = retentionSetting;
    this.#now = now;
    this.#newest = new NewestVersion({
      location: this.#location,
      catalog,
      now,
      // Manifests that were read before the next version may be older than it.
      onForget: () => {
        for (const [day, { sinceMs }] of this.#changed)
          this.#changed.set(day, { sinceMs, manifest: undefined });
      },
    });
    this.#days = new DayManifests({ location: this.#location, eventType });
  }

  /**
   * Begins a run: updates the table's columns to the definition. Where the change is not allowed in Iceberg, nothing
   * is written, and {@link publish} reports why.
   */
  async open(): Promise<void> {
    this.#openedMs = this.#now();
    this.#listed = undefined;
    this.columnIds = undefined;
    this.#refusal = undefined;
    try {
      this.columnIds = await this.#newest.retried(() => this.#openOnce());
    } catch (error) {
      this.#refusal = (error as Error).message;
    }
  }

  async #openOnce(): Promise<ReadonlyMap<string, ColumnIds>> {
    const before = await this.#newest.fresh();
    const nowMs = this.#now();
    const { bucket } = this.#location;
    const columns = metadataFor(this.eventType, before?.metadata, { bucket, nowMs });
    const metadata = this.#retentionSetting
      ? withProperties(columns, retentionProperties(this.#retentionSetting))
      : columns;
    if (before?.metadata !== metadata) await this.#newest.commit(before, metadata, { nowMs });
    await this.#newest.point();
    return columnIds(currentSchema(metadata));
  }

  /** Notes a day's manifest, which must have been read or committed after {@link open}. */
  see(manifest: Manifest): void {
    const { date, files, updatedAtMs } = manifest;
    this.#unannounced[isUnannounced(manifest) ? 'add' : 'delete'](date);
    // A day that is published already stays published: its previous files are no better than these.
    const waits = !this.#isPublished(date) && filesToRewrite(manifest).length > 0;
    this.#waiting[waits ? 'add' : 'delete'](date);
    if (waits || this.#publishedHash(date) === hashOfFiles(files)) this.#changed.delete(date);
    else {
      const sinceMs = Math.min(this.#changed.get(date)?.sinceMs ?? Infinity, updatedAtMs);
      this.#changed.set(date, { sinceMs, manifest });
    }
  }

  seeDays(days: ReadonlySet<LakeDate>): void {
    this.#listed = days;
  }

  /**
   * Decides whether a kept snapshot may name files that a commit of a day's manifest replaced. If another publisher
   * has changed the table in the meantime, it is at least as new.
   *
   * @param atMs when the files were replaced
   */
  mayName({ date, files }: Manifest, atMs: number): boolean {
    const metadata = this.#newest.known?.metadata;
    if (!metadata || this.#newest.catalogFault !== undefined) return true;
    const [oldest] = metadata.snapshots;
    if (!oldest || atMs + commitSlackMs <= followsMsOf(oldest)) return false;
    return metadata.snapshots.length > 1 || this.#publishedHash(date) !== hashOfFiles(files);
  }

  /**
   * Ends a run: makes a snapshot of the noted manifests, if it differs from the last one, and announces the sealed
   * days in it to whoever waits for them. Faults, and the lag they cause, are part of the result.
   *
   * @param sawAll true if every day was examined since {@link open}
   */
  async publish({ sawAll = false }: { readonly sawAll?: boolean } = {}): Promise<PublishResult> {
    let conflicts = 0;
    let days: readonly LakeDate[] = [];
    let fault = this.#refusal;
    if (fault === undefined)
      try {
        days = await this.#newest.retried(
          () => this.#publishOnce(sawAll),
          () => conflicts++,
        );
        fault = this.#newest.catalogFault;
        if (fault === undefined) await this.#announce();
        if (fault === undefined && this.#cleanedMs + cleanUpEveryMs <= this.#now()) {
          await cleanUpMetadata(this.#expiring);
          this.#cleanedMs = this.#now();
        }
      } catch (error) {
        fault = (error as Error).message;
        this.#newest.forget();
      }
    const nowMs = this.#now();
    const changedSinceMs = [...this.#changed.values()].map(({ sinceMs }) => sinceMs);
    return {
      table: this.table,
      days,
      version: this.#newest.known?.version ?? 0,
      conflicts,
      lagMs: nowMs - Math.min(nowMs, this.#newest.behindSinceMs ?? nowMs, ...changedSinceMs),
      waitingDays: this.#waiting.size,
      ...(fault !== undefined && { fault }),
    };
  }

  /**
   * Expires snapshots, and deletes the files that none names any more. Data files are left to compaction's sweep,
   * which asks {@link mayName}.
   *
   * @param retention retention of snapshots for this call; by default the publisher's, or the table's own
   * @param dryRun true to report what would be done, without doing it
   * @throws Error where the catalogue can't be made to name the version without the expired snapshots
   */
  async expire({
    retention = this.#ownRetention,
    dryRun = false,
  }: {
    readonly retention?: Partial<SnapshotRetention>;
    readonly dryRun?: boolean;
  } = {}): Promise<ExpiryResult> {
    const result = await this.#newest.retried(() =>
      expireSnapshots(this.#expiring, { retention, dryRun }),
    );
    if (!dryRun) this.#cleanedMs = this.#now();
    return result;
  }

  async #publishOnce(sawAll: boolean): Promise<readonly LakeDate[]> {
    const before = await this.#newest.fresh();
    if (!before) throw new Error(`the table ${this.table} was not opened`);
    const changes = await this.#changes();
    const nowMs = this.#now();
    const retention = this.#ownRetention ?? retentionOf(before.metadata);
    const kept = withoutExpired(before.metadata, { ...retention, nowMs });
    if (changes.length === 0) {
      const oldest = before.metadata.snapshots[0]?.['timestamp-ms'] ?? nowMs;
      const isDue = oldest + retention.maxAgeMs + expiryDelayMs <= nowMs;
      if (isDue && kept !== before.metadata) await this.#newest.commit(before, kept, { nowMs });
      await this.#newest.point();
      return [];
    }

    const sequenceNumber = before.metadata['last-sequence-number'] + 1;
    const snapshotId = newSnapshotId();
    const published = await pMap(
      changes,
      (change) => this.#days.write(change, before, { snapshotId, sequenceNumber }),
      { concurrency: daysAtOnce },
    );
    const dates = new Set(changes.map(({ date }) => date));
    const manifests = [
      ...before.manifests.filter(({ dt }) => !dates.has(dt)),
      ...published.flatMap((day) => day.manifests),
    ].sort((a, b) => (a.dt < b.dt ? -1 : a.dt > b.dt ? 1 : 0));
    const parent = currentSnapshot(before.metadata);
    const list = icebergMetadataPrefix(this.table) + manifestListName(sequenceNumber, uniquePart());
    await this.#location.store.put(
      list,
      await encodeManifestList(manifests, {
        snapshotId,
        parentSnapshotId: parent?.['snapshot-id'],
        sequenceNumber,
      }),
      avro,
    );
    const metadata = withSnapshot(kept, {
      'snapshot-id': snapshotId,
      ...(parent && { 'parent-snapshot-id': parent['snapshot-id'] }),
      'sequence-number': sequenceNumber,
      'timestamp-ms': Math.max(nowMs, before.metadata['last-updated-ms']),
      'manifest-list': objectPath(this.#location.bucket, list),
      summary: {
        ...summaryOf(published, manifests),
        [followsProperty]: String(sawAll ? this.#openedMs : parent ? followsMsOf(parent) : 0),
      },
      'schema-id': before.metadata['current-schema-id'],
    });
    await this.#newest.commit(before, metadata, { manifests, nowMs });
    for (const { date } of changes) this.#changed.delete(date);
    this.#days.remember(published);
    await this.#newest.point();
    return [...dates];
  }

  /** Returns the days whose files differ from those of the current snapshot. */
  async #changes(): Promise<readonly DayChange[]> {
    const listed = this.#listed;
    const gone = listed
      ? [...new Set((this.#newest.known?.manifests ?? []).map(({ dt }) => dt))].filter(
          (date) => !listed.has(date) && !this.#changed.has(date),
        )
      : [];
    const wanted = [
      ...[...this.#changed].map(([date, { manifest }]) => ({ date, manifest })),
      ...gone.map((date) => ({ date, manifest: undefined })),
    ];
    const found = await pMap(
      wanted,
      async ({ date, manifest }): Promise<DayChange> => {
        const current =
          manifest ?? (await readManifest(this.#location.store, this.table, date))?.manifest;
        return { date, files: current?.files ?? [] };
      },
      { concurrency: requestsAtOnce },
    );
    return found.filter(({ date, files }) => {
      const isChanged = this.#publishedHash(date) !== hashOfFiles(files);
      if (!isChanged) this.#changed.delete(date);
      return isChanged;
    });
  }

  /** Announces the sealed days that the table shows as their manifests have them; others wait for the next run. */
  async #announce(): Promise<void> {
    for (const date of this.#unannounced) {
      const stored = await readManifest(this.#location.store, this.table, date);
      if (!stored || this.#publishedHash(date) !== hashOfFiles(stored.manifest.files)) continue;
      if (isUnannounced(stored.manifest)) await announceSealed(this.#location.store, stored);
      this.#unannounced.delete(date);
    }
  }

  get #expiring(): ExpiringTable {
    return { location: this.#location, newest: this.#newest, days: this.#days, now: this.#now };
  }

  #isPublished(date: LakeDate): boolean {
    return this.#publishedHash(date) !== hashOfFiles([]);
  }

  #publishedHash(date: LakeDate): string {
    const found = this.#newest.known?.manifests.find(
      ({ dt, content }) => dt === date && content === 'data',
    );
    return (found && parseDayManifestName(found.path)?.filesHash) ?? hashOfFiles([]);
  }
}

const followsMsOf = ({ summary }: Snapshot): number => Number(summary[followsProperty] ?? 0);

/**
 * Returns a random snapshot id. It is small enough for every reader's numbers, and never 0 or negative, because those
 * have special meanings.
 */
const newSnapshotId = (): number => randomBytes(6).readUIntBE(0, 6) + 1;

function summaryOf(
  days: readonly PublishedDay[],
  manifests: readonly ManifestFileInfo[],
): SnapshotSummary {
  const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
    items.reduce((total, item) => total + value(item), 0);
  const data = manifests.filter(({ content }) => content === 'data');
  const deletes = manifests.filter(({ content }) => content === 'deletes');
  const deletedFiles = sum(days, ({ deleted }) => deleted.files);
  const hasDeletes = days.some((day) => day.manifests.some(({ content }) => content === 'deletes'));
  const numbers = {
    'changed-partition-count': days.length,
    'added-data-files': sum(days, ({ added }) => added.files),
    'added-records': sum(days, ({ added }) => added.rows),
    'deleted-data-files': deletedFiles,
    'deleted-records': sum(days, ({ deleted }) => deleted.rows),
    'total-data-files': sum(data, (each) => each.addedFiles + each.existingFiles),
    'total-records': sum(data, (each) => each.addedRows + each.existingRows),
    'total-delete-files': sum(deletes, (each) => each.addedFiles + each.existingFiles),
    'total-position-deletes': sum(deletes, (each) => each.addedRows + each.existingRows),
    'total-equality-deletes': 0,
  };
  return {
    operation: deletedFiles > 0 || hasDeletes ? 'overwrite' : 'append',
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])),
  };
}
