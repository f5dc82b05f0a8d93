import { createHash } from 'node:crypto';
import {
  ObjectNotFoundError,
  PreconditionFailedError,
  referenceKey,
  referencePrefix,
  referenceVersionKey,
  referenceVersionsPrefix,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { quoted } from './problem-list';

export interface PlacedReference {
  /** False where the table holds the very same bytes already; then nothing was written. */
  readonly isNew: boolean;
  /** Version of the table now, `<time>-<hash>`. */
  readonly version: string;
  /** Versions that were dropped as too old. */
  readonly dropped: readonly string[];
}

/** Somebody put other files into the table's folder, where every reader would take them for rows. */
export class ForeignObjectsError extends Error {
  override readonly name = 'ForeignObjectsError';
  constructor(name: string, objects: readonly ObjectInfo[]) {
    super(
      `${referencePrefix(name)} holds ${objects.length} other objects, the first ${quoted(objects[0]?.key ?? '')}; ` +
        'move them away, or take another name',
    );
  }
}

/** Versions of a table that stay, the one that counts included. */
export const keptVersions = 10;

/** Another put that is faster every time is a fault of somebody's schedule. */
const maxAttempts = 20;

const contentType = 'application/vnd.apache.parquet';

/**
 * Makes a file the rows of a reference table: first a version of it, then one PUT over the table, so that a reader finds the old rows
 * or the new ones. Of two at once the later one wins, and has the newer version: each writes only over the table that it has seen,
 * and begins again where another was faster.
 *
 * A put that dies between the two leaves a version that never counted; the table is what it was.
 *
 * @throws ForeignObjectsError
 */
export async function placeReference({
  store,
  name,
  bytes,
  nowMs = Date.now,
}: {
  readonly store: ObjectStore;
  readonly name: string;
  /** A Parquet file. */
  readonly bytes: Uint8Array;
  readonly nowMs?: () => number;
}): Promise<PlacedReference> {
  const hash = hashOf(bytes);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const current = await tableObject(store, name);
    const versions = await listVersions(store, name);
    const newest = versions.at(-1);
    if (newest !== undefined && versionHash(newest) === hash && current)
      if ((await tableHash(store, name)) === hash)
        return { isNew: false, version: newest, dropped: [] };

    const version = `${versionTime(Math.max(nowMs(), newest === undefined ? 0 : versionMs(newest) + 1))}-${hash}`;
    const versionKey = referenceVersionKey(name, version);
    try {
      await store.put(versionKey, bytes, { contentType, ifNoneMatch: '*' });
    } catch (error) {
      // Another put of the same file at the same moment has it.
      if (error instanceof PreconditionFailedError) continue;
      throw error;
    }
    try {
      await store.put(referenceKey(name), bytes, {
        contentType,
        ...(current ? { ifMatch: current.etag } : { ifNoneMatch: '*' }),
      });
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      // A request that was repeated can fail by its own first attempt.
      if ((await tableHash(store, name)) !== hash) {
        await store.delete([versionKey]);
        continue;
      }
    }
    const dropped = [...versions, version].slice(0, -keptVersions);
    if (dropped.length > 0)
      await store.delete(dropped.map((old) => referenceVersionKey(name, old)));
    return { isNew: true, version, dropped };
  }
  throw new Error(
    `reference/${name} was replaced by others ${maxAttempts} times while it was to be replaced; put it again later`,
  );
}

const hashOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** @throws ForeignObjectsError */
async function tableObject(store: ObjectStore, name: string): Promise<ObjectInfo | undefined> {
  const found: ObjectInfo[] = [];
  for await (const object of store.list(referencePrefix(name))) found.push(object);
  const foreign = found.filter(({ key }) => key !== referenceKey(name));
  if (foreign.length > 0) throw new ForeignObjectsError(name, foreign);
  return found[0];
}

async function tableHash(store: ObjectStore, name: string): Promise<string | undefined> {
  try {
    return hashOf((await store.get(referenceKey(name))).bytes);
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}

const versionPattern = /\/(\d{8}T\d{9}Z-[0-9a-f]{16})\.parquet$/;

/** Oldest first; objects of other names are nobody's versions. */
async function listVersions(store: ObjectStore, name: string): Promise<readonly string[]> {
  const versions: string[] = [];
  for await (const { key } of store.list(referenceVersionsPrefix(name))) {
    const version = versionPattern.exec(key)?.[1];
    if (version !== undefined) versions.push(version);
  }
  return versions;
}

/** Writes a time as `20260131T120000123Z`, which sorts by time as text. */
const versionTime = (ms: number): string => new Date(ms).toISOString().replace(/[-:.]/g, '');

function versionMs(version: string): number {
  const [, date = '', time = '', ms = ''] = /^(\d{8})T(\d{6})(\d{3})Z/.exec(version) ?? [];
  return Date.parse(
    `${date.replace(/(..)(..)$/, '-$1-$2')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}.${ms}Z`,
  );
}

const versionHash = (version: string): string => version.slice(version.indexOf('-') + 1);
