import { randomBytes } from 'node:crypto';
import { keyColumn, tableName, type EventType } from '@sluice/event-schema';
import {
  boundOf,
  columnIds,
  currentSchema,
  currentSnapshot,
  dayManifestName,
  decodeManifestFile,
  decodeManifestList,
  encodeManifestFile,
  encodeManifestList,
  entryStatus,
  fileContent,
  manifestListName,
  parseDayManifestName,
  positionDeletes,
  positionDeletesName,
  withoutExpired,
  withSnapshot,
  type ColumnIds,
  type IcebergFile,
  type IcebergSchema,
  type ManifestEntry,
  type ManifestFileInfo,
  type Snapshot,
  type SnapshotSummary,
  type TableMetadata,
} from '@sluice/iceberg-metadata';
import {
  icebergMetadataPrefix,
  PreconditionFailedError,
  readManifest,
  type CompactedFile,
  type LakeDate,
  type Manifest,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { writeParquet } from '@sluice/parquet-writing';
import pMap from 'p-map';
import { icebergFile, readFooterFacts } from './file-facts';
import type { Publication } from '../compaction/publication';
import { filesHash, planDayEntries, type DayEntries, type Totals } from './plan-day';
import { planCleanUp, sharedDeletes } from './plan-clean-up';
import {
  commitVersion,
  keyOfPath,
  metadataFor,
  metadataKey,
  objectPath,
  readTableState,
  writeHint,
  type TablePlace,
  type TableState,
} from './table-state';
import { DayMemory, uncountedRows, type UncountedRows } from './uncounted-rows';

/** How long snapshots stay. One stays that either allows. */
export interface SnapshotRetention {
  /** @default 1 day */
  readonly maxAgeMs: number;
  /** @default 1 */
  readonly minSnapshots: number;
}

/** Points a catalog beside the store at the newest version. */
export interface CatalogPointer {
  /**
   * Makes the catalog name a version, unless it names that or a newer one already.
   *
   * @param location `s3://bucket/key` of the metadata file
   */
  point(
    table: string,
    location: string,
    version: { readonly number: number; readonly metadata: TableMetadata },
  ): Promise<void>;
}

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
  /** Why the table could not be brought up to date. */
  readonly fault?: string;
}

/** What an expiry took away, or would. */
export interface ExpiryResult {
  readonly table: string;
  /** Times of the snapshots, in milliseconds since 1970, oldest first. */
  readonly expired: readonly number[];
  /** Snapshots that stay. */
  readonly kept: number;
  /** Keys of files in the metadata folder that no snapshot names. */
  readonly deleted: readonly string[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const defaultRetention: SnapshotRetention = { maxAgeMs: dayMs, minSnapshots: 1 };

/**
 * How long a version that was read counts as the newest. Versions younger than {@link metadataGraceMs} are never deleted, so a
 * number that was free then can't have been taken and freed again.
 */
const stateMs = 30 * 60_000;
export const metadataGraceMs = hourMs;
const maxConflicts = 8;
const cleanUpEveryMs = hourMs;
const requestsAtOnce = 16;
const daysAtOnce = 4;
const rememberedDays = 8;
const deletesPerGroup = 1_048_576;
/** How long a manifest may take from the moment that it names to its place in the store. */
const commitSlackMs = 30 * 60_000;
const avro = { contentType: 'application/avro' } as const;
/** Stands for a day without a file, which no manifest is named after. */
const noFiles = '';
/** Bytes of hashes that are kept from one run to the next. */
const maxMemoryBytes = 256 * 2 ** 20;
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

interface DayChange {
  readonly date: LakeDate;
  readonly files: readonly CompactedFile[];
}

/** What is written for a day. */
interface PublishedDay {
  readonly date: LakeDate;
  readonly manifests: readonly ManifestFileInfo[];
  readonly entries: readonly ManifestEntry[];
  readonly added: Totals;
  readonly deleted: Totals;
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
  readonly #catalog: CatalogPointer | undefined;
  readonly #now: () => number;
  #state: TableState | undefined;
  readonly #changed = new Map<LakeDate, ChangedDay>();
  /** Entries of data manifests by their path, of days that change often. */
  readonly #entries = new Map<string, readonly ManifestEntry[]>();
  readonly #rows = new Map<LakeDate, DayMemory>();
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
    this.#catalog = catalog;
    this.#now = now;
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
      this.columnIds = await this.#retried(() => this.#openOnce());
    } catch (error) {
      this.#refusal = (error as Error).message;
    }
  }

  async #openOnce(): Promise<ReadonlyMap<string, ColumnIds>> {
    const before = await this.#freshState();
    const nowMs = this.#now();
    const { bucket } = this.#place;
    const metadata = metadataFor(this.eventType, before?.metadata, { bucket, nowMs });
    if (before?.metadata !== metadata)
      this.#state = await commitVersion(this.#place, before, metadata, {
        manifests: before?.manifests ?? [],
        nowMs,
      });
    await this.#point();
    return columnIds(currentSchema(metadata));
  }

  /** Takes notice of a day's manifest. It was read, or committed, after {@link open}. */
  see(manifest: Manifest): void {
    const { date, files, updatedAtMs } = manifest;
    if (this.#publishedHash(date) === hashOf(files)) this.#changed.delete(date);
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
    const metadata = this.#state?.metadata;
    if (!metadata) return true;
    const [oldest] = metadata.snapshots;
    if (!oldest || atMs + commitSlackMs <= followsMsOf(oldest)) return false;
    return metadata.snapshots.length > 1 || this.#publishedHash(date) !== hashOf(files);
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
        days = await this.#retried(
          () => this.#publishOnce(sawAll),
          () => conflicts++,
        );
        if (this.#cleanedMs + cleanUpEveryMs <= this.#now()) await this.#cleanUp({});
      } catch (error) {
        fault = (error as Error).message;
        this.#forgetState();
      }
    const nowMs = this.#now();
    return {
      table: this.table,
      days,
      version: this.#state?.version ?? 0,
      conflicts,
      lagMs: Math.max(0, ...[...this.#changed.values()].map(({ sinceMs }) => nowMs - sinceMs)),
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
    return this.#retried(async () => {
      const before = await this.#freshState();
      if (!before) return { table: this.table, expired: [], kept: 0, deleted: [] };
      const nowMs = this.#now();
      const metadata = withoutExpired(before.metadata, { ...retention, nowMs });
      const kept = metadata.snapshots.length;
      const expired = before.metadata.snapshots.slice(0, -kept || undefined);
      if (metadata !== before.metadata && !dryRun) {
        this.#state = await commitVersion(this.#place, before, metadata, {
          manifests: before.manifests,
          nowMs,
        });
        await this.#point();
      }
      return {
        table: this.table,
        expired: metadata === before.metadata ? [] : expired.map((each) => each['timestamp-ms']),
        kept,
        deleted: await this.#cleanUp({ metadata, dryRun }),
      };
    });
  }

  async #cleanUp({
    metadata = this.#state?.metadata,
    dryRun = false,
  }: {
    readonly metadata?: TableMetadata | undefined;
    readonly dryRun?: boolean;
  }): Promise<readonly string[]> {
    const version = this.#state?.version;
    if (!metadata || version === undefined) return [];
    const { store } = this.#place;
    const nowMs = this.#now();
    const objects: ObjectInfo[] = [];
    // Listed before the oldest snapshot is read: what a publisher writes in between is in no list.
    for await (const object of store.list(icebergMetadataPrefix(this.table))) objects.push(object);
    const keys = planCleanUp(objects, {
      version,
      metadata,
      namedByOldest: await this.#namedByOldest(metadata),
      graceMs: metadataGraceMs,
      nowMs,
    });
    if (dryRun) return keys;
    if (keys.length > 0) await store.delete(keys);
    this.#cleanedMs = nowMs;
    return keys;
  }

  /** Keys of all files that the oldest snapshot names, its data files aside. */
  async #namedByOldest({ snapshots }: TableMetadata): Promise<ReadonlySet<string>> {
    const [oldest] = snapshots;
    if (!oldest) return new Set();
    const list = oldest['manifest-list'];
    const { store } = this.#place;
    const state = this.#state;
    const manifests =
      state?.metadata['current-snapshot-id'] === oldest['snapshot-id']
        ? state.manifests
        : await decodeManifestList((await store.get(keyOfPath(list))).bytes);
    const deletes = await pMap(
      sharedDeletes(manifests, oldest['sequence-number']),
      (manifest) => this.#entriesOf(manifest),
      { concurrency: requestsAtOnce },
    );
    const paths = [
      list,
      ...manifests.map(({ path }) => path),
      ...deletes.flat().map(({ file }) => file.path),
    ];
    return new Set(paths.map(keyOfPath));
  }

  async #publishOnce(sawAll: boolean): Promise<readonly LakeDate[]> {
    const before = await this.#freshState();
    if (!before) throw new Error(`the table ${this.table} was not opened`);
    const changes = await this.#changes();
    const nowMs = this.#now();
    const kept = withoutExpired(before.metadata, { ...this.#retention, nowMs });
    if (changes.length === 0) {
      const oldest = before.metadata.snapshots[0]?.['timestamp-ms'] ?? nowMs;
      const isDue = oldest + this.#retention.maxAgeMs + expiryDelayMs <= nowMs;
      if (isDue && kept !== before.metadata)
        this.#state = await commitVersion(this.#place, before, kept, {
          manifests: before.manifests,
          nowMs,
        });
      await this.#point();
      return [];
    }

    const sequenceNumber = before.metadata['last-sequence-number'] + 1;
    const snapshotId = newSnapshotId();
    const published = await pMap(
      changes,
      (change) => this.#publishDay(change, before, { snapshotId, sequenceNumber }),
      { concurrency: daysAtOnce },
    );
    const dates = new Set(changes.map(({ date }) => date));
    const manifests = [
      ...before.manifests.filter(({ dt }) => !dates.has(dt)),
      ...published.flatMap((day) => day.manifests),
    ].sort((a, b) => (a.dt < b.dt ? -1 : a.dt > b.dt ? 1 : 0));
    const parent = currentSnapshot(before.metadata);
    const list = icebergMetadataPrefix(this.table) + manifestListName(sequenceNumber, unique());
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
    this.#state = await commitVersion(this.#place, before, metadata, { manifests, nowMs });
    for (const { date } of changes) this.#changed.delete(date);
    this.#remember(published);
    await this.#point();
    return [...dates];
  }

  /** The days whose files differ from those of the current snapshot. */
  async #changes(): Promise<readonly DayChange[]> {
    const listed = this.#listed;
    const gone = listed
      ? [...new Set((this.#state?.manifests ?? []).map(({ dt }) => dt))].filter(
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
      const isChanged = this.#publishedHash(date) !== hashOf(files);
      if (!isChanged) this.#changed.delete(date);
      return isChanged;
    });
  }

  async #publishDay(
    { date, files }: DayChange,
    { metadata, manifests }: TableState,
    of: { readonly snapshotId: number; readonly sequenceNumber: number },
  ): Promise<PublishedDay> {
    const { bucket } = this.#place;
    const schema = currentSchema(metadata);
    const ids = columnIds(schema);
    const before = manifests.find(({ dt, content }) => dt === date && content === 'data');
    const entriesBefore = before ? await this.#entriesOf(before) : [];
    const known = new Map(
      entriesBefore
        .filter(({ status }) => status !== entryStatus.deleted)
        .map(({ file }) => [file.path, file]),
    );
    const described = await pMap(
      files,
      async (file): Promise<IcebergFile> => {
        const path = objectPath(bucket, file.key);
        const old = known.get(path);
        if (old) return old;
        const facts = await readFooterFacts(file, {
          store: this.#place.store,
          eventType: this.eventType,
        });
        return icebergFile(file, facts, { path, date, schema, ids, eventType: this.eventType });
      },
      { concurrency: requestsAtOnce },
    );
    const plan = planDayEntries(entriesBefore, described, of.snapshotId);
    const uncounted = await this.#uncountedRows(date, files, described, schema);
    if (files.length === 0) return { date, manifests: [], ...plan };

    const name = { dt: date, sequenceNumber: of.sequenceNumber, filesHash: hashOf(files) };
    const written = await Promise.all([
      this.#putManifest(plan, { ...of, name, content: 'data', schema }),
      ...(uncounted.size > 0
        ? [
            this.#putDeletes(uncounted, { date, ...of }).then((file) =>
              this.#putManifest(planDayEntries([], [file], of.snapshotId), {
                ...of,
                name,
                content: 'deletes',
                schema,
              }),
            ),
          ]
        : []),
    ]);
    return { date, manifests: written, ...plan };
  }

  async #entriesOf(manifest: ManifestFileInfo): Promise<readonly ManifestEntry[]> {
    const known = this.#entries.get(manifest.path);
    if (known) return known;
    const { bytes } = await this.#place.store.get(keyOfPath(manifest.path));
    return decodeManifestFile(bytes, {
      snapshotId: manifest.addedSnapshotId,
      sequenceNumber: manifest.sequenceNumber,
    });
  }

  async #uncountedRows(
    date: LakeDate,
    files: readonly CompactedFile[],
    described: readonly IcebergFile[],
    schema: IcebergSchema,
  ): Promise<UncountedRows> {
    const key = schema.fields.find(({ name }) => name === keyColumn(this.eventType).name);
    const firsts = new Map(
      files.map((file, index) => [file.key, described[index]?.lowerBounds?.get(key?.id ?? -1)]),
    );
    const memory = this.#rows.get(date) ?? new DayMemory();
    this.#rows.set(date, memory);
    return uncountedRows(files, {
      store: this.#place.store,
      eventType: this.eventType,
      memory,
      beginsAtMinKey: ({ key: file, minKey }) => {
        const first = firsts.get(file);
        const wanted = key && boundOf(minKey, key.type, 'lower');
        return first !== undefined && wanted !== undefined && Buffer.compare(first, wanted) === 0;
      },
    });
  }

  async #putDeletes(
    uncounted: UncountedRows,
    { date, sequenceNumber }: { readonly date: LakeDate; readonly sequenceNumber: number },
  ): Promise<IcebergFile> {
    const { store, bucket, table } = this.#place;
    const rows = positionDeletes(
      new Map([...uncounted].map(([key, positions]) => [objectPath(bucket, key), positions])),
    );
    const { bytes } = writeParquet(rows, {
      codec: 'zstd',
      rowGroupRows: deletesPerGroup,
      statistics: 'all',
    });
    const key = icebergMetadataPrefix(table) + positionDeletesName(date, sequenceNumber, unique());
    await store.put(key, bytes, { contentType: 'application/vnd.apache.parquet' });
    return {
      path: objectPath(bucket, key),
      content: fileContent.positionDeletes,
      dt: date,
      rows: rows.numRows,
      bytes: bytes.length,
    };
  }

  async #putManifest(
    { entries, added, existing, deleted }: DayEntries,
    {
      name,
      content,
      schema,
      snapshotId,
      sequenceNumber,
    }: {
      readonly name: Parameters<typeof dayManifestName>[0];
      readonly content: 'data' | 'deletes';
      readonly schema: IcebergSchema;
      readonly snapshotId: number;
      readonly sequenceNumber: number;
    },
  ): Promise<ManifestFileInfo> {
    const { store, bucket, table } = this.#place;
    const key = icebergMetadataPrefix(table) + dayManifestName(name, content, unique());
    const bytes = await encodeManifestFile(entries, { schema, content });
    await store.put(key, bytes, avro);
    const path = objectPath(bucket, key);
    if (content === 'data')
      this.#entries.set(
        path,
        entries.map((entry) => ({
          ...entry,
          sequenceNumber: entry.sequenceNumber ?? sequenceNumber,
        })),
      );
    const living = entries.filter(({ status }) => status !== entryStatus.deleted);
    return {
      path,
      bytes: bytes.length,
      content,
      sequenceNumber,
      minSequenceNumber: Math.min(
        sequenceNumber,
        ...living.map((entry) => entry.sequenceNumber ?? sequenceNumber),
      ),
      addedSnapshotId: snapshotId,
      addedFiles: added.files,
      existingFiles: existing.files,
      deletedFiles: deleted.files,
      addedRows: added.rows,
      existingRows: existing.rows,
      deletedRows: deleted.rows,
      dt: name.dt,
    };
  }

  /** Keeps what the next commit of the same days can use, and no more than fits. */
  #remember(published: readonly PublishedDay[]): void {
    const paths = new Set(
      published.slice(-rememberedDays).flatMap((day) => day.manifests.map(({ path }) => path)),
    );
    for (const path of this.#entries.keys()) if (!paths.has(path)) this.#entries.delete(path);
    const dates = new Set(published.slice(-rememberedDays).map(({ date }) => date));
    let bytes = 0;
    for (const [date, memory] of this.#rows) {
      bytes += memory.bytes;
      if (!dates.has(date) || bytes > maxMemoryBytes) this.#rows.delete(date);
    }
  }

  #publishedHash(date: LakeDate): string {
    const found = this.#state?.manifests.find(
      ({ dt, content }) => dt === date && content === 'data',
    );
    return (found && parseDayManifestName(found.path)?.filesHash) ?? noFiles;
  }

  async #freshState(): Promise<TableState | undefined> {
    const known = this.#state;
    if (known && this.#now() < known.readAtMs + stateMs) return known;
    return this.#readState();
  }

  async #readState(after?: number): Promise<TableState | undefined> {
    this.#forgetState();
    const nowMs = this.#now();
    this.#state = await readTableState(this.#place, {
      nowMs,
      ...(after !== undefined && { after }),
    });
    return this.#state;
  }

  /** Manifests that were read before the next state may be older than it. */
  #forgetState(): void {
    this.#state = undefined;
    for (const [date, { sinceMs }] of this.#changed)
      this.#changed.set(date, { sinceMs, manifest: undefined });
  }

  /** Makes the pointers name the newest version. */
  async #point(): Promise<void> {
    const state = this.#state;
    if (!state || state.pointed) return;
    const hintEtag = await writeHint(this.#place, state);
    await this.#catalog?.point(
      this.table,
      objectPath(this.#place.bucket, metadataKey(this.table, state.version)),
      { number: state.version, metadata: state.metadata },
    );
    this.#state = { ...state, pointed: true, hintEtag };
  }

  async #retried<T>(work: () => Promise<T>, onConflict?: () => void): Promise<T> {
    for (let conflicts = 0; ; conflicts++)
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof PreconditionFailedError) || conflicts === maxConflicts) throw error;
        onConflict?.();
        await this.#readState(this.#state?.version);
      }
  }
}

const hashOf = (files: readonly CompactedFile[]): string =>
  files.length === 0 ? noFiles : filesHash(files);

const followsMsOf = ({ summary }: Snapshot): number => Number(summary[followsProperty] ?? 0);

/** Random and short enough for every reader's numbers; 0 and negative ones are for nobody. */
const newSnapshotId = (): number => randomBytes(6).readUIntBE(0, 6) + 1;

const unique = (): string => randomBytes(4).toString('hex');

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
