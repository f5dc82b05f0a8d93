import { createHash } from 'node:crypto';
import {
  findObject,
  onlyOver,
  PreconditionFailedError,
  referenceKey,
  referencePrefix,
  referenceVersionKey,
  referenceVersionsPrefix,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { quoted } from './problem-list';

export interface StoredReference {
  /** False where the table already holds exactly these bytes, so that nothing was written. */
  readonly isNew: boolean;
  /** Current version of the table, `<time>-<hash>`. */
  readonly version: string;
  /** Versions that were deleted as too old. */
  readonly dropped: readonly string[];
}

/** Error for a table's folder with foreign files, which every reader would take for rows. */
export class ForeignObjectsError extends Error {
  override readonly name = 'ForeignObjectsError';
  constructor(name: string, objects: readonly ObjectInfo[]) {
    super(
      `${referencePrefix(name)} holds ${objects.length} other objects, the first ${quoted(objects[0]?.key ?? '')}; ` +
        'move them away, or choose another name',
    );
  }
}

/** Number of versions of a table that are kept, including the current one. */
export const keptVersions = 10;

/** Largest number of attempts. If another put is faster that often, somebody's schedule is wrong. */
const maxAttempts = 20;

const contentType = 'application/vnd.apache.parquet';

/**
 * Makes a file the rows of a reference table: first writes a version of it, then replaces the table with one PUT, so
 * that a reader finds either the old or the new rows. Of two puts at the same time the later one wins, and has the
 * newer version: each only replaces the table that it has seen, and begins again where another was faster.
 *
 * A put that is interrupted between the two leaves a version that was never current; the table is unchanged.
 *
 * @throws ForeignObjectsError
 */
export async function storeReference({
  store,
  name,
  bytes,
  nowMs = Date.now,
}: {
  readonly store: ObjectStore;
  readonly name: string;
  /** Content of a Parquet file. */
  readonly bytes: Uint8Array;
  readonly nowMs?: () => number;
}): Promise<StoredReference> {
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
      // Another put of the same file at the same moment has written this version.
      if (error instanceof PreconditionFailedError) continue;
      throw error;
    }
    try {
      await store.put(referenceKey(name), bytes, { contentType, ...onlyOver(current) });
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      // A repeated request can fail because of its own first attempt.
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
    `${referencePrefix(name)} was replaced by others ${maxAttempts} times while it was to be replaced; put it again later`,
  );
}

const hashOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** Returns the table's object. @throws ForeignObjectsError */
async function tableObject(store: ObjectStore, name: string): Promise<ObjectInfo | undefined> {
  const found: ObjectInfo[] = [];
  for await (const object of store.list(referencePrefix(name))) found.push(object);
  const foreign = found.filter(({ key }) => key !== referenceKey(name));
  if (foreign.length > 0) throw new ForeignObjectsError(name, foreign);
  return found[0];
}

async function tableHash(store: ObjectStore, name: string): Promise<string | undefined> {
  const found = await findObject(store, referenceKey(name));
  return found && hashOf(found.bytes);
}

const versionPattern = /\/(\d{8}T\d{9}Z-[0-9a-f]{16})\.parquet$/;

/** Returns the versions, the oldest first. Objects with other names are ignored. */
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
