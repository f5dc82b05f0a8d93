import {
  filesToken,
  rawFilesBelow,
  rawPrefix,
  readManifest,
  unabsorbedFiles,
  type CompactedFile,
  type DayIndex,
  type KeyFilterFile,
  type LakeDate,
  type Manifest,
  type ObjectInfo,
  type ObjectStore,
  type StoredManifest,
} from '@sluice/lake-layout';
import { LruCache } from './lru-cache';

/** The files that hold a table's rows for one day. */
export interface DayFiles {
  readonly date: LakeDate;
  readonly compacted: readonly CompactedFile[];
  /** Raw files that no compacted file absorbed yet. */
  readonly raw: readonly ObjectInfo[];
  readonly sealed: boolean;
  readonly manifestEtag?: string;
  /** Filter of the keys in exactly these files. */
  readonly keyFilter?: KeyFilterFile;
  /** Indexes of the compacted files; see `isIndexed` of lake-layout. */
  readonly indexes: readonly DayIndex[];
}

type Store = Pick<ObjectStore, 'list' | 'get'>;

/**
 * Milliseconds for which a manifest is trusted without reading it again. Far shorter than the grace period for which
 * compaction keeps the files that a manifest names. The raw files of an unsealed day are listed anew every time.
 */
const sealedManifestTtlMs = 5 * 60_000;
const openManifestTtlMs = 5_000;
/**
 * Milliseconds after the beginning of a day until it is certainly sealed, some hours after its end
 * (lake-maintenance). Before that, its raw files count.
 */
const openForMs = (24 + 6) * 3_600_000;

const maxManifestCacheBytes = 8 << 20;
const maxCountCacheBytes = 64 << 10;
/**
 * Number of raw files from which on a day is listed in parts. A page of a listing holds 1,000 (S3 API reference,
 * ListObjectsV2); the rest is room for the files that arrive until the next listing.
 */
const manyRawFiles = 800;

interface KnownManifest {
  readonly stored: StoredManifest;
  readonly readAtMs: number;
}

/** Estimates the memory of a manifest: some texts for each file, a token for each absorbed one. */
const retainedBytes = ({ files, absorbed, indexes = [] }: Manifest): number =>
  1_024 +
  [files, ...indexes.map((index) => index.files)]
    .flat()
    .reduce((sum, { packedFooter = '' }) => sum + 512 + packedFooter.length, 0) +
  absorbed.reduce((sum, { tokens }) => sum + tokens.length * 48, 0);

/** Finds the files of a day, and remembers manifests between look-ups. */
export class DayFilesReader {
  readonly #known = new LruCache<KnownManifest>(maxManifestCacheBytes);
  /** Numbers of raw files that days had when they were listed last. */
  readonly #rawCounts = new LruCache<number>(maxCountCacheBytes);
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Makes the next look-up read the manifest of the day again. */
  forget(table: string, date: LakeDate): void {
    this.#known.delete(`${table}/${date}`);
  }

  /**
   * Returns a day as it was last read, without raw files, if the next {@link read} would have to wait for the store;
   * undefined where the day is not known, or needs no request.
   */
  lastKnown(table: string, date: LakeDate): DayFiles | undefined {
    if (this.#trusted(table, date)?.manifest.sealed) return undefined;
    const known = this.#known.get(`${table}/${date}`);
    return known && dayFiles(date, known.stored, []);
  }

  /** Decides whether a day is probably sealed although its manifest was not read yet. */
  isProbablySealed(table: string, date: LakeDate): boolean {
    return !this.#isRecent(date) && !this.#known.get(`${table}/${date}`);
  }

  async read(store: Store, table: string, date: LakeDate, signal?: AbortSignal): Promise<DayFiles> {
    const known = this.#trusted(table, date);
    if (known?.manifest.sealed) return dayFiles(date, known, []);
    const listing = signal ? { signal } : {};
    // A day that is over is probably sealed, and then nothing has to be listed.
    if (!known && !this.#isRecent(date)) {
      const stored = await this.#readManifest(store, table, date, signal);
      if (stored?.manifest.sealed) return dayFiles(date, stored, []);
      return dayFiles(date, stored, await rawFilesBelow(store, rawPrefix(table, date), listing));
    }
    const [stored, ...lists] = await Promise.all([
      known ?? this.#readManifest(store, table, date, signal),
      ...this.#rawPrefixes(table, date).map((prefix) => rawFilesBelow(store, prefix, listing)),
    ]);
    const raw = lists.flat();
    const day = `${table}/${date}`;
    this.#rawCounts.set(day, raw.length, 2 * day.length + 64);
    return dayFiles(date, stored, stored?.manifest.sealed ? [] : raw);
  }

  #trusted(table: string, date: LakeDate): StoredManifest | undefined {
    const known = this.#known.get(`${table}/${date}`);
    if (!known) return undefined;
    const ttlMs = known.stored.manifest.sealed ? sealedManifestTtlMs : openManifestTtlMs;
    return this.#now() - known.readAtMs < ttlMs ? known.stored : undefined;
  }

  async #readManifest(
    store: Store,
    table: string,
    date: LakeDate,
    signal?: AbortSignal,
  ): Promise<StoredManifest | undefined> {
    const readAtMs = this.#now();
    const stored = await readManifest(store, table, date, signal);
    if (stored)
      this.#known.set(`${table}/${date}`, { stored, readAtMs }, retainedBytes(stored.manifest));
    else this.forget(table, date);
    return stored;
  }

  #isRecent(date: LakeDate): boolean {
    return this.#now() - Date.parse(`${date}T00:00:00Z`) < openForMs;
  }

  /**
   * Returns the prefixes to list for a day. A recent day that has more raw files than a page of a listing, or may
   * have, is listed in parts at the same time: pages follow one after the other.
   */
  #rawPrefixes(table: string, date: LakeDate): readonly string[] {
    const prefix = rawPrefix(table, date);
    const count = this.#rawCounts.get(`${table}/${date}`) ?? Infinity;
    return this.#isRecent(date) && count >= manyRawFiles
      ? ['0', '1', '2'].map((digit) => `${prefix}hour=${digit}`)
      : [prefix];
  }
}

const dayFiles = (
  date: LakeDate,
  stored: StoredManifest | undefined,
  raw: readonly ObjectInfo[],
): DayFiles => ({
  date,
  compacted: stored?.manifest.files ?? [],
  raw: unabsorbedFiles(stored?.manifest, raw),
  sealed: stored?.manifest.sealed ?? false,
  ...(stored && { manifestEtag: stored.etag }),
  ...keyFilterOf(stored?.manifest),
  indexes: stored?.manifest.indexes ?? [],
});

/**
 * Returns the day's key filter, unless it belongs to other files than the manifest's: a writer that does not know
 * filters may have changed the files.
 */
const keyFilterOf = (manifest: Manifest | undefined): Pick<DayFiles, 'keyFilter'> =>
  manifest?.sealed === true && manifest.keyFilter?.of === filesToken(manifest.files)
    ? { keyFilter: manifest.keyFilter }
    : {};
