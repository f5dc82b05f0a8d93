import {
  errorsOfReplayKey,
  findJson,
  onlyOver,
  PreconditionFailedError,
  putJson,
  replayKey,
  replaysPrefix,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';

/** Note on the replay of one object of the error output. */
export interface LedgerEntry {
  readonly formatVersion: 1;
  /** ETag of the object when it was read. An object with another ETag is a new one. */
  readonly etag: string;
  /** State of the replay; `paused` where the deadline came before the last line. */
  readonly state: 'sending' | 'paused' | 'done';
  /** Number of the first line that was not processed. */
  readonly nextLine: number;
  /** Numbers of processed lines whose records were not sent; a later replay tries them again. */
  readonly leftLines: readonly number[];
  readonly sent: number;
  readonly atMs: number;
  /** SHA-256, in hexadecimal, of the bytes that replace the object, with the same lines. */
  readonly becomes?: string | undefined;
}

/** An entry as stored, with the ETag that a change of it must name. */
export interface StoredEntry {
  readonly entry: LedgerEntry;
  readonly etag: string;
}

/** Milliseconds after which another replay may take over an object; longer than a function runs. */
const claimMs = 20 * 60_000;

/** Returns the entry of an object; undefined where this version of the object was never replayed. */
export async function readEntry(
  store: Pick<ObjectStore, 'get'>,
  object: Pick<ObjectInfo, 'key' | 'etag'>,
): Promise<StoredEntry | undefined> {
  const found = await findJson<LedgerEntry>(store, replayKey(object.key));
  return found && { entry: found.value, etag: found.etag };
}

/** Reads the entries of all objects of a table's error output, by the objects' keys. */
export async function readEntries(
  store: Pick<ObjectStore, 'list' | 'get'>,
  table: string,
): Promise<ReadonlyMap<string, LedgerEntry>> {
  const entries = new Map<string, LedgerEntry>();
  for await (const { key } of store.list(replaysPrefix(table))) {
    const errorKey = errorsOfReplayKey(key);
    if (errorKey === undefined) continue;
    const found = await findJson<LedgerEntry>(store, key);
    if (found) entries.set(errorKey, found.value);
  }
  return entries;
}

export const isClaimed = (stored: StoredEntry | undefined, nowMs: number): boolean =>
  stored?.entry.state === 'sending' && stored.entry.atMs + claimMs > nowMs;

/** Replaces the entry from which a new one was made. @returns undefined where another replay was faster */
export async function writeEntry(
  store: Pick<ObjectStore, 'put'>,
  errorKey: string,
  entry: LedgerEntry,
  over: StoredEntry | undefined,
): Promise<StoredEntry | undefined> {
  try {
    const { etag } = await putJson(store, replayKey(errorKey), entry, onlyOver(over));
    return { entry, etag };
  } catch (error) {
    if (error instanceof PreconditionFailedError) return undefined;
    throw error;
  }
}
