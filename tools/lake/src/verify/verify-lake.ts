import {
  currentSnapshot,
  decodeManifestFile,
  decodeManifestList,
  entryStatus,
  metadataFileName,
  versionHintName,
  type ManifestFileInfo,
  type TableMetadata,
} from '@sluice/iceberg-metadata';
import {
  DamagedObjectError,
  dateOfKey,
  icebergMetadataPrefix,
  isRawFile,
  keyOfPath,
  ManifestError,
  manifestPrefix,
  ObjectNotFoundError,
  rawPrefix,
  rawTablePrefix,
  readManifest,
  referencesPrefix,
  unabsorbedFiles,
  type CompactedFile,
  type LakeDate,
  type Manifest,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import {
  bytesSource,
  checkFile,
  CorruptParquetError,
  ParquetError,
  readFooter,
  readRows,
} from '@sluice/parquet-reading';

/** An object that is missing or damaged. */
export interface DamagedFile {
  readonly key: string;
  /** Sentence about the problem, without the key. */
  readonly problem: string;
}

export interface LakeVerdict {
  /** Number of objects that were read whole and checked. */
  readonly files: number;
  readonly bytes: number;
  /** Number of rows in the Parquet files without a fault. */
  readonly rows: number;
  readonly damaged: readonly DamagedFile[];
}

export interface VerifyOptions {
  readonly store: ObjectStore;
  /** Names of event tables. */
  readonly tables: readonly string[];
  /** True to check the Parquet files below `reference/` as well. */
  readonly references: boolean;
  /** Called after each object. */
  readonly onProgress?: (done: Pick<LakeVerdict, 'files' | 'bytes'>) => void;
}

/**
 * Reads every object that a look-up or a query may read, and reports those that are damaged or missing: manifests,
 * the compacted files and index files that they list, raw files that no manifest has absorbed, the
 * metadata of the current Iceberg snapshot with the files that it names, and reference tables. Changes nothing.
 *
 * If compaction replaces a file after its manifest was read, the manifest is read again; a file that it no longer
 * lists is skipped. The same goes for a snapshot.
 *
 * @throws the error of the store, except for objects that are missing or damaged
 */
export async function verifyLake(options: VerifyOptions): Promise<LakeVerdict> {
  const { store, tables, references } = options;
  const verdict = new Verdict(options);
  for (const table of tables) await verifyTable(store, table, verdict);
  if (references)
    for (const { key } of await listed(store, referencesPrefix))
      if (key.endsWith('.parquet')) await verdict.take(key, () => readParquet(store, key));
  return verdict.soFar;
}

async function verifyTable(store: ObjectStore, table: string, verdict: Verdict): Promise<void> {
  const manifests = new Map<LakeDate, Manifest>();
  const read = new Set<string>();
  for (const { key } of await listed(store, manifestPrefix(table))) {
    const date = dateOfKey(key);
    if (date === undefined) continue;
    await verdict.take(key, async () => {
      const stored = await readManifest(store, table, date);
      if (stored) manifests.set(date, stored.manifest);
      return nothingRead;
    });
  }
  for (const [date, manifest] of manifests)
    for (const file of listedFiles(manifest)) {
      const isListed = async (): Promise<boolean> => {
        const stored = await readManifest(store, table, date);
        return (
          stored !== undefined && listedFiles(stored.manifest).some(({ key }) => key === file.key)
        );
      };
      read.add(file.key);
      await verdict.take(file.key, () => readParquet(store, file.key, file), isListed);
    }
  const raw = (await listed(store, rawTablePrefix(table))).filter(isRawFile);
  for (const date of new Set(raw.map(({ key }) => dateOfKey(key) ?? ''))) {
    const ofDay = raw.filter(({ key }) => key.startsWith(rawPrefix(table, date)));
    for (const { key } of unabsorbedFiles(manifests.get(date), ofDay))
      await verdict.take(key, () => readParquet(store, key));
  }
  await verifySnapshot(store, table, { verdict, read });
}

/**
 * Checks what SQL reads of a table: the metadata of its current snapshot, and that the files it names are there.
 *
 * @param read keys of the compacted files that were read already
 */
async function verifySnapshot(
  store: ObjectStore,
  table: string,
  { verdict, read }: { readonly verdict: Verdict; readonly read: ReadonlySet<string> },
): Promise<void> {
  const prefix = icebergMetadataPrefix(table);
  const newest = async (): Promise<number | undefined> => {
    if (!(await isThere(store, `${prefix}${versionHintName}`))) return undefined;
    const { bytes } = await store.get(`${prefix}${versionHintName}`);
    return Number(Buffer.from(bytes).toString());
  };
  const version = await newest();
  if (version === undefined) return;
  const isCurrent = async (): Promise<boolean> => (await newest()) === version;
  const take = (key: string, decode: (bytes: Uint8Array) => Promise<void>): Promise<void> =>
    verdict.take(
      key,
      async () => {
        const { bytes } = await store.get(key);
        await decode(bytes);
        return nothingRead;
      },
      isCurrent,
    );
  let metadata: TableMetadata | undefined;
  await take(`${prefix}${metadataFileName(version)}`, async (bytes) => {
    metadata = await decoded(() => JSON.parse(Buffer.from(bytes).toString()) as TableMetadata);
  });
  const snapshot = metadata && currentSnapshot(metadata);
  let manifests: readonly ManifestFileInfo[] = [];
  if (snapshot)
    await take(keyOfPath(snapshot['manifest-list']), async (bytes) => {
      manifests = await decoded(() => decodeManifestList(bytes));
      const listed = manifests.filter(({ content }) => content === 'data').map(filesOf);
      mustName(
        Number(snapshot.summary['total-data-files']),
        listed.reduce((sum, n) => sum + n, 0),
      );
    });
  for (const manifest of manifests)
    await take(keyOfPath(manifest.path), async (bytes) => {
      const { addedSnapshotId: snapshotId, sequenceNumber } = manifest;
      const entries = await decoded(() =>
        decodeManifestFile(bytes, { snapshotId, sequenceNumber }),
      );
      const living = entries.filter(({ status }) => status !== entryStatus.deleted);
      mustName(filesOf(manifest), living.length);
      for (const key of living.map(({ file }) => keyOfPath(file.path)))
        if (!read.has(key) && !(await isThere(store, key)))
          throw new SnapshotError(`it names ${key}, which is not there`);
    });
}

const filesOf = ({ addedFiles, existingFiles }: ManifestFileInfo): number =>
  addedFiles + existingFiles;

/**
 * Checks the number of entries, because Avro that is cut short between two blocks decodes to fewer.
 *
 * @throws {@link SnapshotError}
 */
function mustName(expected: number, found: number): void {
  if (found !== expected) throw new SnapshotError(`it names ${found} files of ${expected}`);
}

async function isThere(store: ObjectStore, key: string): Promise<boolean> {
  for await (const object of store.list(key)) return object.key === key;
  return false;
}

/** Decodes metadata. @throws {@link SnapshotError} */
async function decoded<T>(decode: () => T | Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    throw new SnapshotError(`it can't be read: ${(error as Error).message}`);
  }
}

/** Error for metadata of a snapshot that can't be read, or names a file that is missing. */
class SnapshotError extends Error {}

/** Returns the files of rows and of index entries that a manifest lists. */
const listedFiles = ({ files, indexes = [] }: Manifest): readonly CompactedFile[] => [
  ...files,
  ...indexes.flatMap((index) => index.files),
];

interface ReadObject {
  readonly bytes: number;
  readonly rows: number;
}

const nothingRead: ReadObject = { bytes: 0, rows: 0 };

/**
 * Compares a Parquet file with its pages' checksums and, if a manifest lists it, with the manifest. Decodes every
 * value, because not every writer adds checksums.
 */
async function readParquet(
  store: ObjectStore,
  key: string,
  expected?: CompactedFile,
): Promise<ReadObject> {
  const { bytes } = await store.get(key);
  const mustBe = (what: 'bytes' | 'rows', found: number): void => {
    if (expected && found !== expected[what])
      throw new CorruptParquetError(
        `the file has ${found} ${what}, and the manifest says ${expected[what]}`,
      );
  };
  mustBe('bytes', bytes.length);
  checkFile(
    bytes,
    expected?.footerCrc32 === undefined ? {} : { footerCrc32: expected.footerCrc32 },
  );
  const source = bytesSource(bytes);
  let rows = 0;
  for await (const batch of readRows(source, await readFooter(source))) rows += batch.length;
  mustBe('rows', rows);
  return { bytes: bytes.length, rows };
}

async function listed(store: ObjectStore, prefix: string): Promise<readonly ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const object of store.list(prefix)) found.push(object);
  return found;
}

/** Collects the findings about all objects. */
class Verdict {
  #files = 0;
  #bytes = 0;
  #rows = 0;
  readonly #damaged: DamagedFile[] = [];

  constructor(private readonly options: VerifyOptions) {}

  get soFar(): LakeVerdict {
    const [files, bytes, rows] = [this.#files, this.#bytes, this.#rows];
    return { files, bytes, rows, damaged: [...this.#damaged] };
  }

  /**
   * Checks an object.
   *
   * @param isNeeded called for an object with a fault; where it returns false, the object is skipped
   */
  async take(
    key: string,
    read: () => Promise<ReadObject>,
    isNeeded: () => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<void> {
    try {
      const { bytes, rows } = await read();
      this.#bytes += bytes;
      this.#rows += rows;
    } catch (error) {
      const problem = problemOf(error);
      if (!(await isNeeded())) return;
      this.#damaged.push({ key, problem });
    }
    this.#files++;
    this.options.onProgress?.(this.soFar);
  }
}

/** Describes the problem of an object. @throws errors that are not about the object itself */
function problemOf(error: unknown): string {
  if (error instanceof ObjectNotFoundError) return 'it is listed, and it is not there';
  const known = [ParquetError, ManifestError, DamagedObjectError, SnapshotError];
  if (known.some((one) => error instanceof one)) return (error as Error).message;
  throw error;
}
