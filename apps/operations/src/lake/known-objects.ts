import { readFooter, type ByteSource } from '@sluice/parquet-reading';
import {
  dateOfKey,
  decodeManifest,
  findJson,
  findObject,
  isReplaced,
  manifestPrefix,
  RangeNotSatisfiableError,
  type LakeDate,
  type Manifest,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { certificatesPrefix, erasuresPrefix, type Erasure } from '@sluice/privacy/erasures';
import pMap from 'p-map';

export type LakeStore = Pick<ObjectStore, 'list' | 'get'>;

/** A day's manifest, or the reason why it can't be read. */
export interface ListedManifest {
  readonly date: LakeDate;
  readonly manifest?: Manifest;
  readonly fault?: string;
}

/** Number of requests at the same time. */
const concurrency = 16;
const maxManifests = 2_000;
const maxRowCounts = 20_000;
/** Number of erasures that are read, the newest ones. */
const maxErasures = 500;
/** Bytes to read for a raw file's footer; a longer footer takes a second read. */
const footerGuessBytes = 16 << 10;

/**
 * Reads manifests and footers, and remembers them under the ETags of their objects, so that asking again only costs
 * listings and new objects.
 */
export class KnownObjects {
  readonly #manifests = new Map<string, Manifest>();
  readonly #rowCounts = new Map<string, number>();
  readonly #erasures = new Map<string, Erasure>();

  constructor(readonly store: LakeStore) {}

  /** Returns the manifests of a table, the newest day first. */
  async manifests(table: string): Promise<readonly ListedManifest[]> {
    const listed: ObjectInfo[] = [];
    for await (const object of this.store.list(manifestPrefix(table)))
      if (dateOfKey(object.key) !== undefined) listed.push(object);
    const newest = listed.reverse().slice(0, maxManifests);
    const read = await pMap(newest, (object) => this.#manifest(object), { concurrency });
    return read.filter((one) => one !== undefined);
  }

  async #manifest({ key, etag }: ObjectInfo): Promise<ListedManifest | undefined> {
    const date = dateOfKey(key) ?? '';
    const known = this.#manifests.get(`${etag} ${key}`);
    if (known) return { date, manifest: known };
    const object = await findObject(this.store, key);
    if (!object) return undefined;
    try {
      const manifest = decodeManifest(object.bytes, key);
      keep(this.#manifests, `${object.etag} ${key}`, manifest, maxManifests);
      return { date, manifest };
    } catch (error) {
      if ((error as Error).name !== 'ManifestError') throw error;
      return { date, fault: (error as Error).message };
    }
  }

  /** Returns the newest erasures, finished or not. */
  async erasures(): Promise<readonly Erasure[]> {
    const listed: ObjectInfo[] = [];
    for (const prefix of [erasuresPrefix, certificatesPrefix])
      for await (const object of this.store.list(prefix)) listed.push(object);
    const newest = listed.sort((a, b) => b.modifiedMs - a.modifiedMs).slice(0, maxErasures);
    const read = await pMap(newest, (object) => this.#erasure(object), { concurrency });
    const byId = new Map<string, Erasure>();
    newest.forEach(({ key }, index) => {
      const one = read[index];
      // While an erasure is being finished, it is under both prefixes; the certificate is the newer object.
      if (one && (!byId.has(one.id) || key.startsWith(certificatesPrefix))) byId.set(one.id, one);
    });
    return [...byId.values()];
  }

  async #erasure({ key, etag }: ObjectInfo): Promise<Erasure | undefined> {
    const known = this.#erasures.get(`${etag} ${key}`);
    if (known) return known;
    const found = await findJson<Erasure>(this.store, key);
    // The erasure was finished since it was listed, and is a certificate now.
    if (found) keep(this.#erasures, `${found.etag} ${key}`, found.value, maxErasures);
    return found?.value;
  }

  /** Returns the number of rows of each file, in order; undefined for a file that is gone or can't be read. */
  rowCounts(files: readonly ObjectInfo[]): Promise<readonly (number | undefined)[]> {
    return pMap(files, (file) => this.#rowCount(file), { concurrency });
  }

  async #rowCount(file: ObjectInfo): Promise<number | undefined> {
    const id = `${file.etag} ${file.key}`;
    const known = this.#rowCounts.get(id);
    if (known !== undefined) return known;
    try {
      const { rows } = await readFooter(objectSource(this.store, file), {
        guessBytes: footerGuessBytes,
      });
      keep(this.#rowCounts, id, rows, maxRowCounts);
      return rows;
    } catch (error) {
      if (isGoneOrUnreadable(error)) return undefined;
      throw error;
    }
  }
}

/** Decides whether an error means that a file was deleted since it was listed, or that it can't be read. */
export const isGoneOrUnreadable = (error: unknown): boolean =>
  isReplaced(error) ||
  error instanceof RangeNotSatisfiableError ||
  (error as Error).name.endsWith('ParquetError');

export const objectSource = (
  store: Pick<ObjectStore, 'get'>,
  { key, etag, bytes }: Pick<ObjectInfo, 'key' | 'etag' | 'bytes'>,
): ByteSource => ({
  bytes,
  read: async (range) => (await store.get(key, { range, ifMatch: etag })).bytes,
});

function keep<V>(map: Map<string, V>, id: string, value: V, most: number): void {
  map.set(id, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
}
