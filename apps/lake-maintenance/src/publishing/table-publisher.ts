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
  withSnapshot,
  type ColumnIds,
  type ManifestFileInfo,
  type Snapshot,
  type SnapshotSummary,
} from '@sluice/iceberg-metadata';
import {
  icebergMetadataPrefix,
  readManifest,
  type LakeDate,
  type Manifest,
  type ObjectStore,
} from '@sluice/lake-layout';
import pMap from 'p-map';
import { filesToRewrite } from '../compaction/plan-step';
import type { Publication } from '../compaction/publication';
import { DayManifests, type DayChange, type PublishedDay } from './day-manifests';
import {
  cleanUpMetadata,
  defaultRetention,
  expireSnapshots,
  type ExpiringTable,
  type ExpiryResult,
  type SnapshotRetention,
} from './expire-snapshots';
import { NewestVersion, type CatalogPointer } from './newest-version';
import { hashOfFiles } from './plan-day';
import { avro, metadataFor, objectPath, uniquePart, type TablePlace } from './table-state';

export interface PublisherOptions {
  readonly store: ObjectStore;
  /** What `store` is called in the paths that engines read. */
  readonly bucket: string;
  readonly eventType: EventType;
  readonly retention?: SnapshotRetention;
  readonly catalog?: CatalogPointer;
  readonly now?: () => number;
}

export interface PublishResult {
  readonly table: string;
  /** Days whose files the new snapshot changed; none where nothing had changed. */
  readonly days: readonly LakeDate[];
  /** Number of the metadata file that the table is read by. */
  readonly version: number;
  /** Commits that another publisher was faster with. */
  readonly conflicts: number;
  /** How old the oldest change is that the table does not show; 0 where it shows all. */
  readonly lagMs: number;
  /**
   * Days that the table does not have yet, because an earlier release wrote their times as other engines would misread them. Compaction
   * writes their files anew.
   */
  readonly waitingDays: number;
  /** Why the table could not be brought up to date. */
  readonly fault?: string;
}

const hourMs = 3_600_000;
const cleanUpEveryMs = hourMs;
const requestsAtOnce = 16;
const daysAtOnce = 4;
/** How long a manifest may take from the moment that it names to its place in the store. */
const commitSlackMs = 30 * 60_000;
/** Expired snapshots wait this long for the next snapshot to take them along. */
const expiryDelayMs = hourMs;

/** In a snapshot's summary: every manifest that was committed before this moment is in it, in milliseconds since 1970. */
const followsProperty = 'sluice.follows-ms';

/** What changed of a day, not published yet. */
interface ChangedDay {
  /** Since when, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** As it was read after the table's state was; undefined where it has to be read again. */
  readonly manifest: Manifest | undefined;
}

/**
 * Publishes one table as an Iceberg table: the files that the manifests name, as they lie, become its snapshots. To be kept from one
 * run to the next; what it remembers spares requests and nothing else.
 *
 * A snapshot is made of manifests that were read after the version that it follows, so it never takes the table back.
 */
export class TablePublisher implements Publication {
  readonly table: string;
  readonly #place: TablePlace & { readonly store: ObjectStore };
  readonly eventType: EventType;
  readonly #retention: SnapshotRetention;
  readonly #now: () => number;
  readonly #newest: NewestVersion;
  readonly #days: DayManifests;
  readonly #changed = new Map<LakeDate, ChangedDay>();
  readonly #waiting = new Set<LakeDate>();
  /** All days that had a manifest when they were last listed; undefined where they were not since {@link open}. */
  #listed: ReadonlySet<LakeDate> | undefined;
  #openedMs = 0;
  #cleanedMs = -Infinity;
  /** Why the columns can't be what the definition says. */
  #refusal: string | undefined;
  columnIds: ReadonlyMap<string, ColumnIds> | undefined;

  constructor({
    store,
    bucket,
    eventType,
    retention = defaultRetention,
    catalog,
    now = Date.now,
  }: PublisherOptions) {
    this.table = tableName(eventType);
    this.#place = { store, bucket, table: this.table };
    this.eventType = eventType;
    this.#retention = retention;
    this.#now = now;
    this.#newest = new NewestVersion({
      place: this.#place,
      catalog,
      now,
      // Manifests that were read before the next version may be older than it.
      onForget: () => {
        for (const [day, { sinceMs }] of this.#changed)
          this.#changed.set(day, { sinceMs, manifest: undefined });
      },
    });
    this.#days = new DayManifests({ place: this.#place, eventType });
  }

  /**
   * Begins a run: brings the table's columns up to the definition. Where they changed as Iceberg's can't, nothing is written, and
   * {@link publish} tells why.
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
    const { bucket } = this.#place;
    const metadata = metadataFor(this.eventType, before?.metadata, { bucket, nowMs });
    if (before?.metadata !== metadata) await this.#newest.commit(before, metadata, { nowMs });
    await this.#newest.point();
    return columnIds(currentSchema(metadata));
  }

  /** Takes notice of a day's manifest. It was read, or committed, after {@link open}. */
  see(manifest: Manifest): void {
    const { date, files, updatedAtMs } = manifest;
    // What the table has of a day already is no better than what it would have.
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
   * Decides whether a snapshot that is kept may name files which a commit of a day's manifest replaced. What the table is like
   * that another publisher changed in the meantime, it is at least as new.
   *
   * @param atMs when the files were replaced
   */
  mayName({ date, files }: Manifest, atMs: number): boolean {
    const metadata = this.#newest.known?.metadata;
    if (!metadata) return true;
    const [oldest] = metadata.snapshots;
    if (!oldest || atMs + commitSlackMs <= followsMsOf(oldest)) return false;
    return metadata.snapshots.length > 1 || this.#publishedHash(date) !== hashOfFiles(files);
  }

  /**
   * Ends a run: makes a snapshot of what was seen, where it differs from the last one. Faults are part of the result, and the lag with
   * them.
   *
   * @param sawAll whether every day was looked at since {@link open}
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
        if (this.#cleanedMs + cleanUpEveryMs <= this.#now()) {
          await cleanUpMetadata(this.#expiring);
          this.#cleanedMs = this.#now();
        }
      } catch (error) {
        fault = (error as Error).message;
        this.#newest.forget();
      }
    const nowMs = this.#now();
    return {
      table: this.table,
      days,
      version: this.#newest.known?.version ?? 0,
      conflicts,
      lagMs: Math.max(0, ...[...this.#changed.values()].map(({ sinceMs }) => nowMs - sinceMs)),
      waitingDays: this.#waiting.size,
      ...(fault !== undefined && { fault }),
    };
  }

  /**
   * Lets snapshots expire, and deletes the files that none names any more. Data files are left to compaction's sweep, which asks
   * {@link mayName}.
   *
   * @param retention how long snapshots stay, this once
   * @param dryRun tells what would be done, and does nothing
   */
  async expire({
    retention = this.#retention,
    dryRun = false,
  }: {
    readonly retention?: SnapshotRetention;
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
    const kept = withoutExpired(before.metadata, { ...this.#retention, nowMs });
    if (changes.length === 0) {
      const oldest = before.metadata.snapshots[0]?.['timestamp-ms'] ?? nowMs;
      const isDue = oldest + this.#retention.maxAgeMs + expiryDelayMs <= nowMs;
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
    await this.#place.store.put(
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
      'manifest-list': objectPath(this.#place.bucket, list),
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

  /** The days whose files differ from those of the current snapshot. */
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
          manifest ?? (await readManifest(this.#place.store, this.table, date))?.manifest;
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

  get #expiring(): ExpiringTable {
    return { place: this.#place, newest: this.#newest, days: this.#days, now: this.#now };
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

/** Random and short enough for every reader's numbers; 0 and negative ones are for nobody. */
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
