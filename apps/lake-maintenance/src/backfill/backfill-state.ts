import {
  backfillKey,
  ObjectNotFoundError,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';

/** How far a file of past events was taken into a table. Lies in the lake, so that whoever goes on knows it. */
export interface BackfillState {
  readonly formatVersion: 1;
  /** Name of the file when it was begun. */
  readonly file: string;
  /** SHA-256 of its bytes, in hexadecimal digits. */
  readonly digest: string;
  /** Fingerprint of the definition and the options that its events were taken by. */
  readonly choice: string;
  /** When it was begun: the arrival of all its events, in milliseconds since 1970. */
  readonly startedAtMs: number;
  /** Everything up to this line, element or row, inclusive, is in the lake. */
  readonly position: number;
  readonly isDone: boolean;
  readonly counts: BackfillCounts;
  /** Rows that were written, by day. */
  readonly days: Readonly<Record<LakeDate, number>>;
  /** Objects of the error output. */
  readonly errorKeys: readonly string[];
  /** Objects of the error output that an earlier run by other options left; they go when this one is done. */
  readonly staleErrorKeys: readonly string[];
}

export interface BackfillCounts {
  /** Texts of the file; a line may hold several events. */
  readonly events: number;
  readonly rows: number;
  readonly failed: number;
  /** Rows of days that were not asked for. */
  readonly outside: number;
  /** Rows that are in the lake already, under the later day on which they arrived. */
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

/** Reads how far a file was taken; undefined where it never was. */
export async function readBackfillState(
  store: Pick<ObjectStore, 'get'>,
  table: string,
  digest: string,
): Promise<StoredState | undefined> {
  try {
    const { bytes, etag } = await store.get(backfillKey(table, digest));
    const state = JSON.parse(Buffer.from(bytes).toString()) as Omit<
      BackfillState,
      'formatVersion'
    > & { readonly formatVersion: number };
    // What another release wrote is begun anew: that loses nothing and doubles nothing.
    return state.formatVersion === 1 ? { state: { ...state, formatVersion: 1 }, etag } : undefined;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Notes how far a file was taken.
 *
 * @param before what was read before; undefined for a file that is begun
 * @throws PreconditionFailedError where another run takes the same file
 */
export async function writeBackfillState(
  store: Pick<ObjectStore, 'put'>,
  table: string,
  state: BackfillState,
  before: StoredState | undefined,
): Promise<StoredState> {
  const { etag } = await store.put(
    backfillKey(table, state.digest),
    Buffer.from(JSON.stringify(state)),
    {
      contentType: 'application/json',
      ...(before ? { ifMatch: before.etag } : { ifNoneMatch: '*' }),
    },
  );
  return { state, etag };
}
