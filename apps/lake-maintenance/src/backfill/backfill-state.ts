import {
  backfillKey,
  findJson,
  onlyOver,
  putJson,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';

/**
 * Progress of taking a file of past events into a table. It is stored in the lake, so that any later run can
 * continue.
 */
export interface BackfillState {
  readonly formatVersion: 1;
  /** Name of the file when it was begun. */
  readonly file: string;
  /** SHA-256 of the file's bytes, in hexadecimal digits. */
  readonly digest: string;
  /** Fingerprint of the definition and the options with which its events are taken. */
  readonly choice: string;
  /** Time when it was begun, which is the arrival of all its events, in milliseconds since 1970. */
  readonly startedAtMs: number;
  /** Line, element or row up to which (inclusive) everything is in the lake. */
  readonly position: number;
  readonly isDone: boolean;
  readonly counts: BackfillCounts;
  /** Number of rows that were written, by day. */
  readonly days: Readonly<Record<LakeDate, number>>;
  /** Keys of objects of the error output. */
  readonly errorKeys: readonly string[];
  /**
   * Keys of objects of the error output that an earlier run with other options left; they are deleted when this one
   * is done.
   */
  readonly staleErrorKeys: readonly string[];
}

export interface BackfillCounts {
  /** Number of texts in the file; a line may hold several events. */
  readonly events: number;
  readonly rows: number;
  readonly failed: number;
  /** Number of rows of days that were not asked for. */
  readonly outside: number;
  /** Number of rows that are in the lake already, under the later day of their arrival. */
  readonly elsewhere: number;
}

export const noCounts: BackfillCounts = { events: 0, rows: 0, failed: 0, outside: 0, elsewhere: 0 };

export const addCounts = (a: BackfillCounts, b: BackfillCounts): BackfillCounts => ({
  events: a.events + b.events,
  rows: a.rows + b.rows,
  failed: a.failed + b.failed,
  outside: a.outside + b.outside,
  elsewhere: a.elsewhere + b.elsewhere,
});

export interface StoredState {
  readonly state: BackfillState;
  readonly etag: string;
}

/** Reads the progress of a file; undefined where it was never begun. */
export async function readBackfillState(
  store: Pick<ObjectStore, 'get'>,
  table: string,
  digest: string,
): Promise<StoredState | undefined> {
  const found = await findJson<BackfillState>(store, backfillKey(table, digest));
  // A file that another release began is begun anew, which neither loses nor doubles anything.
  return (found?.value.formatVersion as number | undefined) === 1 && found
    ? { state: found.value, etag: found.etag }
    : undefined;
}

/**
 * Writes the progress of a file.
 *
 * @param before the progress that was read before; undefined for a new file
 * @throws PreconditionFailedError where another run is taking the same file
 */
export async function writeBackfillState(
  store: Pick<ObjectStore, 'put'>,
  table: string,
  state: BackfillState,
  before: StoredState | undefined,
): Promise<StoredState> {
  const { etag } = await putJson(store, backfillKey(table, state.digest), state, onlyOver(before));
  return { state, etag };
}
