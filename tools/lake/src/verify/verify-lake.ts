import {
  DamagedObjectError,
  dateOfKey,
  isRawFile,
  ManifestError,
  manifestPrefix,
  ObjectNotFoundError,
  parseSymlink,
  rawPrefix,
  rawTablePrefix,
  readManifest,
  SymlinkError,
  symlinkPrefix,
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
 * the compacted files and index files that they list, raw files that no manifest has absorbed, the lists of files for SQL, and
 * reference tables. Changes nothing.
 *
 * If compaction replaces a file after its manifest was read, the manifest is read again; a file that it no longer
 * lists is skipped.
 *
 * @throws the error of the store, except for objects that are missing or damaged
 */
export async function verifyLake(options: VerifyOptions): Promise<LakeVerdict> {
  const { store, tables, references } = options;
  const verdict = new Verdict(options);
  for (const table of tables) await verifyTable(store, table, verdict);
  if (references)
    for (const { key } of await listed(store, 'reference/'))
      if (key.endsWith('.parquet')) await verdict.take(key, () => readParquet(store, key));
  return verdict.soFar;
}

async function verifyTable(store: ObjectStore, table: string, verdict: Verdict): Promise<void> {
  const manifests = new Map<LakeDate, Manifest>();
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
      await verdict.take(file.key, () => readParquet(store, file.key, file), isListed);
    }
  const raw = (await listed(store, rawTablePrefix(table))).filter(isRawFile);
  for (const date of new Set(raw.map(({ key }) => dateOfKey(key) ?? ''))) {
    const ofDay = raw.filter(({ key }) => key.startsWith(rawPrefix(table, date)));
    for (const { key } of unabsorbedFiles(manifests.get(date), ofDay))
      await verdict.take(key, () => readParquet(store, key));
  }
  for (const { key } of await listed(store, symlinkPrefix(table)))
    await verdict.take(key, async () => {
      const { bytes } = await store.get(key);
      for (const target of parseSymlink(Buffer.from(bytes).toString()))
        if (!(await isThere(store, target.key))) throw new MissingTargetError(target.key);
      return nothingRead;
    });
}

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

async function isThere(store: ObjectStore, key: string): Promise<boolean> {
  for await (const object of store.list(key)) return object.key === key;
  return false;
}

/** Error for a list of files that names a missing one. */
class MissingTargetError extends Error {
  constructor(target: string) {
    super(`it lists ${target}, which is not there`);
  }
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
  const known = [ParquetError, ManifestError, DamagedObjectError, SymlinkError, MissingTargetError];
  if (known.some((one) => error instanceof one)) return (error as Error).message;
  throw error;
}
