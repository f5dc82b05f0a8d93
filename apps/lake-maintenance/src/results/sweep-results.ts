import {
  ObjectNotFoundError,
  parseSymlink,
  resultRunOfKey,
  resultSymlinkKey,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import pMap from 'p-map';

export interface SweepResultsOptions {
  readonly store: Pick<ObjectStore, 'list' | 'get' | 'delete'>;
  /** How long a run's files stay after its last object, and after another run took its place. @default 1 day */
  readonly graceMs?: number;
  /** No deletion begins after this moment, in milliseconds since the epoch. @default none */
  readonly deadlineMs?: number;
  readonly now?: () => number;
}

export interface SweepResultsResult {
  /** Runs of joins whose files were deleted. */
  readonly runs: number;
  /** Files deleted. */
  readonly files: number;
  /** False where the deadline came first; the next sweep goes on. */
  readonly complete: boolean;
}

/** What there is of a join on one day. */
interface ResultDay {
  /** The list of the files that count. */
  readonly symlink: ObjectInfo | undefined;
  /** The files of each run. */
  readonly runs: readonly (readonly ObjectInfo[])[];
}

const dayMs = 86_400_000;
const readsAtOnce = 16;

/**
 * Deletes files of join runs that no longer count, or never did: a run failed before its files were swapped in,
 * or a later one took its place.
 *
 * A day whose list changed lately is left alone, for the queries that still read by the list before.
 */
export async function sweepResults({
  store,
  graceMs = dayMs,
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

const resultsPrefix = 'results/';

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

/** Keys in a list; undefined where it was changed since it was listed. */
async function namedKeys(
  store: Pick<ObjectStore, 'get'>,
  symlink: ObjectInfo | undefined,
): Promise<ReadonlySet<string> | undefined> {
  if (!symlink) return new Set();
  try {
    const { bytes, etag } = await store.get(symlink.key);
    if (etag !== symlink.etag) return undefined;
    return new Set(parseSymlink(new TextDecoder().decode(bytes)).map(({ key }) => key));
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}
