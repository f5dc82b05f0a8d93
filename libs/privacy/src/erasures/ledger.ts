import {
  findJson,
  onlyOver,
  putJson,
  repeatOnConflict,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { HashKeys } from '../hash-keys';
import { currentHash, isKeyedHash, KeyedHash } from '../keyed-hash';

/** A text by which rows of a table may name an erased person. */
export interface LedgerEntry {
  /** Keyed hash of the text, made with the ledger's own key. */
  readonly hash: string;
  /**
   * Last arrival of rows that are hidden, inclusive, in milliseconds since 1970. With `suppress`, later rows are
   * hidden too.
   */
  readonly untilMs: number;
  /** True to drop later events of the person as they arrive. */
  readonly suppress: boolean;
  /** Id of the erasure to which the entry belongs. */
  readonly erasure: string;
}

/** The people who are hidden in a table's rows, stored as one object of the lake. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  readonly etag: string;
}

/** Content of an object of the ledger. */
interface StoredLedger {
  readonly formatVersion: 1;
  readonly entries: readonly LedgerEntry[];
}

/** Prefix of the ledgers. No table can be below it: a table's name has no slash, and `privacy` has no `manifests`. */
export const ledgerPrefix = 'privacy/ledger/';
export const ledgerKey = (table: string): string => `${ledgerPrefix}${table}.json`;

/** Largest number of attempts, and so of writers that may change the ledger of one table at the same time. */
const maxAttempts = 20;

/**
 * Reads the people whom a table hides; undefined where it never hid anyone. @throws where the object is of a later
 * release
 */
export async function readLedger(
  store: Pick<ObjectStore, 'get'>,
  table: string,
  signal?: AbortSignal,
): Promise<Ledger | undefined> {
  const key = ledgerKey(table);
  const found = await findJson<StoredLedger>(store, key, signal ? { signal } : {});
  if (!found) return undefined;
  const { formatVersion, entries } = found.value;
  if ((formatVersion as number) !== 1)
    throw new Error(
      `${key} has format version ${String(formatVersion)}, and this release knows 1: deploy the newer one`,
    );
  return { entries, etag: found.etag };
}

/** Adds the entries of an erasure to a table's ledger, and replaces earlier ones of the same erasure. */
export const addToLedger = (
  store: Pick<ObjectStore, 'get' | 'put'>,
  table: string,
  added: readonly LedgerEntry[],
): Promise<void> => {
  const erasures = new Set(added.map(({ erasure }) => erasure));
  return changeLedger(store, table, (entries) => [
    ...entries.filter(({ erasure }) => !erasures.has(erasure)),
    ...added,
  ]);
};

/**
 * Removes the entries of an erasure from a table's ledger, once no row from before the request can arrive any more.
 * Suppressed people stay.
 */
export const settleLedger = (
  store: Pick<ObjectStore, 'get' | 'put'>,
  table: string,
  ended: string,
): Promise<void> =>
  changeLedger(store, table, (entries) => {
    const kept = entries.filter(({ erasure, suppress }) => erasure !== ended || suppress);
    return kept.length === entries.length ? undefined : kept;
  });

async function changeLedger(
  store: Pick<ObjectStore, 'get' | 'put'>,
  table: string,
  change: (entries: readonly LedgerEntry[]) => readonly LedgerEntry[] | undefined,
): Promise<void> {
  await repeatOnConflict(maxAttempts, async () => {
    const known = await readLedger(store, table);
    const entries = change(known?.entries ?? []);
    if (!entries) return;
    const stored: StoredLedger = { formatVersion: 1, entries };
    await putJson(store, ledgerKey(table), stored, onlyOver(known));
  });
}

/** Largest difference between the services' clocks, in milliseconds. */
const clockMs = 1_000;

/** Returns the last arrival that an erasure covers, for the moment of its request; both in milliseconds since 1970. */
export const hiddenUntilMs = (requestedAtMs: number): number => requestedAtMs + clockMs;

/** Returns the entries that hide texts of a person. */
export function ledgerEntries(
  keys: HashKeys,
  texts: Iterable<string>,
  entry: Omit<LedgerEntry, 'hash'>,
): readonly LedgerEntry[] {
  const hash = currentHash(keys);
  return [...new Set(texts)].map((text) => ({ ...entry, hash: hash.of(text) }));
}

/** Decides which rows are hidden. */
export class LedgerMatch {
  readonly #hashes: readonly KeyedHash[];
  readonly #byHash = new Map<string, { untilMs: number; suppress: boolean }>();

  constructor(entries: readonly LedgerEntry[], { keys }: Pick<HashKeys, 'keys'>) {
    const versions = new Set<string>();
    for (const { hash, untilMs, suppress } of entries) {
      versions.add(versionOf(hash));
      const known = this.#byHash.get(hash);
      this.#byHash.set(hash, {
        untilMs: Math.max(untilMs, known?.untilMs ?? 0),
        suppress: suppress || known?.suppress === true,
      });
    }
    this.#hashes = [...versions].map((version) => {
      const key = keys.get(version);
      if (!key)
        throw new Error(
          `the ledger of erased people has hashes of version ${version}, and its secret has no such key any more: put it back`,
        );
      return new KeyedHash(version, key);
    });
  }

  /** Decides whether a row of a person that arrived at a moment, in milliseconds since 1970, is hidden. */
  hides(text: string, arrivedMs: number): boolean {
    return this.#hashes.some((hash) => {
      const entry = this.#byHash.get(hash.of(text));
      return entry !== undefined && (entry.suppress || arrivedMs <= entry.untilMs);
    });
  }

  /** Decides whether later events of a person are dropped. */
  suppresses(text: string): boolean {
    return this.#hashes.some((hash) => this.#byHash.get(hash.of(text))?.suppress === true);
  }
}

function versionOf(hash: string): string {
  if (!isKeyedHash(hash))
    throw new Error('the ledger of erased people has an entry that is no hash');
  return hash.slice(1, hash.indexOf('_'));
}
