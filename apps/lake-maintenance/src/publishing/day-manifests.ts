import { keyColumn, type EventType } from '@sluice/event-schema';
import {
  boundOf,
  columnIds,
  currentSchema,
  dayManifestName,
  decodeManifestFile,
  encodeManifestFile,
  entryStatus,
  fileContent,
  positionDeletes,
  positionDeletesName,
  type IcebergFile,
  type IcebergSchema,
  type ManifestEntry,
  type ManifestFileInfo,
} from '@sluice/iceberg-metadata';
import {
  icebergMetadataPrefix,
  keyOfPath,
  objectPath,
  type CompactedFile,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import { writeParquet } from '@sluice/parquet-writing';
import pMap from 'p-map';
import { icebergFile, readFooterFacts } from './file-facts';
import { hashOfFiles, planDayEntries, type DayEntries, type Totals } from './plan-day';
import { avro, uniquePart, type TableLocation, type TableState } from './table-state';
import { DayMemory, uncountedRows, type UncountedRows } from './uncounted-rows';

export interface DayManifestsOptions {
  readonly location: TableLocation & { readonly store: ObjectStore };
  readonly eventType: EventType;
}

export interface DayChange {
  readonly date: LakeDate;
  readonly files: readonly CompactedFile[];
}

/** The snapshot for which manifests are written. */
interface NewSnapshot {
  readonly snapshotId: number;
  readonly sequenceNumber: number;
}

interface RememberedEntries {
  readonly date: LakeDate;
  readonly bytes: number;
  readonly entries: readonly ManifestEntry[];
}

/** The manifests that are written for a day. */
export interface PublishedDay {
  readonly date: LakeDate;
  readonly manifests: readonly ManifestFileInfo[];
  readonly entries: readonly ManifestEntry[];
  readonly added: Totals;
  readonly deleted: Totals;
}

const requestsAtOnce = 16;
const rememberedDays = 8;
/** Largest size in bytes of the manifests whose entries are kept between runs, as they are stored. */
const maxEntriesBytes = 2 * 2 ** 20;
const deletesPerGroup = 1_048_576;
/** Largest size in bytes of the hashes that are kept between runs. */
const maxMemoryBytes = 256 * 2 ** 20;

/** Writes the Iceberg manifests of a table's days. What it remembers only saves requests. */
export class DayManifests {
  readonly #location: DayManifestsOptions['location'];
  readonly #eventType: EventType;
  /** Entries of data manifests by path, those written last at the end. */
  readonly #entries = new Map<string, RememberedEntries>();
  readonly #rows = new Map<LakeDate, DayMemory>();

  constructor({ location, eventType }: DayManifestsOptions) {
    this.#location = location;
    this.#eventType = eventType;
  }

  /**
   * Writes the manifests of a day, and the positions of rows that don't count. They become part of the table with the
   * commit that names them.
   *
   * @param before the version that the snapshot follows
   */
  async write(
    { date, files }: DayChange,
    { metadata, manifests }: TableState,
    of: NewSnapshot,
  ): Promise<PublishedDay> {
    const { bucket } = this.#location;
    const schema = currentSchema(metadata);
    const ids = columnIds(schema);
    const before = manifests.find(({ dt, content }) => dt === date && content === 'data');
    const entriesBefore = before ? await this.entriesOf(before) : [];
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
          store: this.#location.store,
          eventType: this.#eventType,
        });
        return icebergFile(file, facts, { path, date, schema, ids, eventType: this.#eventType });
      },
      { concurrency: requestsAtOnce },
    );
    const plan = planDayEntries(entriesBefore, described, of.snapshotId);
    const uncounted = await this.#uncountedRows(date, files, described, schema);
    if (files.length === 0) return { date, manifests: [], ...plan };

    const name = { dt: date, sequenceNumber: of.sequenceNumber, filesHash: hashOfFiles(files) };
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

  /** Returns the entries of a manifest, from memory where it was written not long ago. */
  async entriesOf(manifest: ManifestFileInfo): Promise<readonly ManifestEntry[]> {
    const known = this.#entries.get(manifest.path);
    if (known) return known.entries;
    const { bytes } = await this.#location.store.get(keyOfPath(manifest.path));
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
    const key = schema.fields.find(({ name }) => name === keyColumn(this.#eventType).name);
    const firsts = new Map(
      files.map((file, index) => [file.key, described[index]?.lowerBounds?.get(key?.id ?? -1)]),
    );
    const memory = this.#rows.get(date) ?? new DayMemory();
    this.#rows.set(date, memory);
    return uncountedRows(files, {
      store: this.#location.store,
      eventType: this.#eventType,
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
    const { store, bucket, table } = this.#location;
    const rows = positionDeletes(
      new Map([...uncounted].map(([key, positions]) => [objectPath(bucket, key), positions])),
    );
    const { bytes } = writeParquet(rows, {
      codec: 'zstd',
      rowGroupRows: deletesPerGroup,
      statistics: 'all',
    });
    const key =
      icebergMetadataPrefix(table) + positionDeletesName(date, sequenceNumber, uniquePart());
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
    const { store, bucket, table } = this.#location;
    const key = icebergMetadataPrefix(table) + dayManifestName(name, content, uniquePart());
    const bytes = await encodeManifestFile(entries, { schema, content });
    await store.put(key, bytes, avro);
    const path = objectPath(bucket, key);
    if (content === 'data')
      this.#entries.set(path, {
        date: name.dt,
        bytes: bytes.length,
        entries: entries.map((entry) => ({
          ...entry,
          sequenceNumber: entry.sequenceNumber ?? sequenceNumber,
        })),
      });
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

  /** Keeps what the next commit of the same days can use, as far as it fits. */
  remember(published: readonly PublishedDay[]): void {
    const paths = new Set(published.flatMap((day) => day.manifests.map(({ path }) => path)));
    const changed = new Set(published.map(({ date }) => date));
    for (const [path, { date }] of this.#entries)
      if (changed.has(date) && !paths.has(path)) this.#entries.delete(path);
    let entryBytes = [...this.#entries.values()].reduce((sum, each) => sum + each.bytes, 0);
    for (const [path, each] of this.#entries) {
      if (entryBytes <= maxEntriesBytes) break;
      this.#entries.delete(path);
      entryBytes -= each.bytes;
    }
    const dates = new Set(published.slice(-rememberedDays).map(({ date }) => date));
    let bytes = 0;
    for (const [date, memory] of this.#rows) {
      bytes += memory.bytes;
      if (!dates.has(date) || bytes > maxMemoryBytes) this.#rows.delete(date);
    }
  }
}
