import {
  ObjectNotFoundError,
  PreconditionFailedError,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { errorKinds } from './error-line';

/** What was done about one object of the error output. */
export interface LedgerEntry {
  readonly formatVersion: 1;
  /** ETag of the object as it was read; under another one it is a new object. */
  readonly etag: string;
  /** `paused` where the time was up before the last line. */
  readonly state: 'sending' | 'paused' | 'done';
  /** Lines before this one were dealt with. */
  readonly nextLine: number;
  /** The lines whose records were not sent: a later replay tries them again. */
  readonly leftLines: readonly number[];
  readonly sent: number;
  readonly atMs: number;
}

/** An entry as it is stored, with what a change of it must name. */
export interface StoredEntry {
  readonly entry: LedgerEntry;
  readonly etag: string;
}

/** `order/errors/…/x` → `order/replays/…/x.json`. */
const ledgerKey = (errorKey: string): string =>
  `${errorKey.replace(/^([^/]+)\/errors\//, '$1/replays/')}.json`;

/** A replay that died lets go of its object after this time: longer than a function runs. */
const claimMs = 20 * 60_000;

/** The entry of an object, or undefined where it was never replayed in this form. */
export async function readEntry(
  store: Pick<ObjectStore, 'get'>,
  object: Pick<ObjectInfo, 'key' | 'etag'>,
): Promise<StoredEntry | undefined> {
  try {
    const { bytes, etag } = await store.get(ledgerKey(object.key));
    return { entry: JSON.parse(Buffer.from(bytes).toString()) as LedgerEntry, etag };
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}

/** Reads what was done about the objects of a table's error output, by the key of each. */
export async function readEntries(
  store: Pick<ObjectStore, 'list' | 'get'>,
  table: string,
): Promise<ReadonlyMap<string, LedgerEntry>> {
  const entries = new Map<string, LedgerEntry>();
  for await (const { key } of store.list(`${table}/replays/`)) {
    const errorKey = errorKeyOf(key);
    if (errorKey === undefined) continue;
    try {
      const { bytes } = await store.get(key);
      entries.set(errorKey, JSON.parse(Buffer.from(bytes).toString()) as LedgerEntry);
    } catch (error) {
      if (!(error instanceof ObjectNotFoundError)) throw error;
    }
  }
  return entries;
}

/** The inverse of {@link ledgerKey}; undefined for the places of records, which lie beside the entries. */
const errorKeyOf = (key: string): string | undefined =>
  errorKinds.some((kind) => key.includes(`/replays/${kind}/`)) && !key.endsWith('.places.json')
    ? key.replace(/^([^/]+)\/replays\//, '$1/errors/').replace(/\.json$/, '')
    : undefined;

export const isClaimed = (stored: StoredEntry | undefined, nowMs: number): boolean =>
  stored?.entry.state === 'sending' && stored.entry.atMs + claimMs > nowMs;

/** Writes an entry over the one it was made from. @returns undefined where another replay was faster */
export async function writeEntry(
  store: Pick<ObjectStore, 'put'>,
  errorKey: string,
  entry: LedgerEntry,
  over: StoredEntry | undefined,
): Promise<StoredEntry | undefined> {
  try {
    const { etag } = await store.put(
      ledgerKey(errorKey),
      new TextEncoder().encode(JSON.stringify(entry)),
      {
        contentType: 'application/json',
        ...(over ? { ifMatch: over.etag } : { ifNoneMatch: '*' }),
      },
    );
    return { entry, etag };
  } catch (error) {
    if (error instanceof PreconditionFailedError) return undefined;
    throw error;
  }
}
