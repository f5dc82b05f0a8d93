import {
  findObject,
  parseSymlink,
  resultRunOfKey,
  resultsPrefix,
  resultSymlinkKey,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import pMap from 'p-map';

export interface SweepResultsOptions {
  readonly store: Pick<ObjectStore, 'list' | 'get' | 'delete'>;
  /** Moment after which no deletion begins, in milliseconds since 1970. @default none */
  readonly deadlineMs?: number;
  readonly now?: () => number;
}

export interface SweepResultsResult {
  /** Number of runs whose files were deleted. */
  readonly runs: number;
  /** Number of deleted files. */
  readonly files: number;
  /** False where the deadline came first; the next sweep continues. */
  readonly complete: boolean;
}

/** The objects of a join for one day. */
interface ResultDay {
  /** The list of the files that count. */
  readonly symlink: ObjectInfo | undefined;
  /** The files of each run. */
  readonly runs: readonly (readonly ObjectInfo[])[];
}

/** Milliseconds for which a run's files are kept after its last object, and after another run replaced it: a day. */
const graceMs = 86_400_000;
const readsAtOnce = 16;

/**
 * Deletes files of join runs that no longer count, or never did, because a run failed before it was published, or a
 * later one replaced it.
 *
 * A day whose list changed recently is left alone, for queries that still read by the previous list.
 */
export async function sweepResults({
  store,
  deadlineMs = Infinity,
  now = Date.now,
}: SweepResultsOptions): Promise<SweepResultsResult> {
  const days = await resultDays(store);
  const isOld = ({ modifiedMs }: ObjectInfo): boolean => modifiedMs + graceMs <= now();
  let complete = true;
  const swept = await pMap(
    days,
    async ({ symlink, runs }) => {
      const old = runs.filter((files) => files.every(isOld));
      if (old.length === 0 || (symlink && !isOld(symlink))) return [];
      const named = await namedKeys(store, symlink);
      const left = old
        .map((files) => files.map(({ key }) => key))
        .filter((keys) => named && !keys.some((key) => named.has(key)));
      if (left.length === 0) return [];
      if (now() >= deadlineMs) {
        complete = false;
        return [];
      }
      await store.delete(left.flat());
      return left;
    },
    { concurrency: readsAtOnce },
  );
  const runs = swept.flat();
  return { runs: runs.length, files: runs.flat().length, complete };
}

async function resultDays(store: Pick<ObjectStore, 'list'>): Promise<readonly ResultDay[]> {
  const lists = new Map<string, ObjectInfo>();
  const days = new Map<string, Map<string, ObjectInfo[]>>();
  for await (const object of store.list(resultsPrefix)) {
    const found = resultRunOfKey(object.key);
    if (!found) {
      lists.set(object.key, object);
      continue;
    }
    const { join, date, run } = found;
    const day = resultSymlinkKey(join, date);
    const runs = days.get(day) ?? new Map<string, ObjectInfo[]>();
    days.set(day, runs);
    const files = runs.get(run);
    if (files) files.push(object);
    else runs.set(run, [object]);
  }
  return [...days].map(([key, runs]) => ({ symlink: lists.get(key), runs: [...runs.values()] }));
}

/** Returns the keys in a list; undefined where it was changed since it was listed. */
async function namedKeys(
  store: Pick<ObjectStore, 'get'>,
  symlink: ObjectInfo | undefined,
): Promise<ReadonlySet<string> | undefined> {
  if (!symlink) return new Set();
  const found = await findObject(store, symlink.key);
  if (found?.etag !== symlink.etag) return undefined;
  return new Set(parseSymlink(new TextDecoder().decode(found.bytes)).map(({ key }) => key));
}
