// Drops rows of people who were erased with `suppress`.
import { tableName, type EventType } from '@sluice/event-schema';
import type { HashKeys } from '@sluice/privacy';
import { LedgerMatch, readLedger, subjectColumns } from '@sluice/privacy/erasures';
import type { ObjectStore } from '@sluice/lake-layout';

/** Decides whether a row, as a line of JSON without its line feed, is dropped. */
export type IsLeftOut = (row: string) => boolean;

/**
 * Returns the function that decides which rows to drop now; undefined where none are. Never rejects: rows that should
 * have been dropped are still hidden by the ledger, whereas Firehose would store the originals of a failed function
 * in clear.
 */
export type FindSuppressed = () => Promise<IsLeftOut | undefined>;

export interface SuppressedPeopleOptions {
  readonly eventType: EventType;
  /** Reads the ledger of the lake. */
  readonly store: Pick<ObjectStore, 'get'>;
  /** Reads the keys of the ledger. Called once the ledger has a suppressed person. */
  readonly readKeys: () => Promise<HashKeys>;
  /** Reports that the ledger or its keys could not be read, so that no row was dropped. */
  readonly onFailure: (error: unknown) => void;
  readonly now?: () => number;
}

/**
 * Milliseconds for which a ledger is trusted without reading it again. Firehose waits longer than that before it
 * sends a batch.
 */
const trustedMs = 10_000;

/** Returns a function that finds which rows of an event type to drop as they arrive. */
export function suppressedPeople({
  eventType,
  store,
  readKeys,
  onFailure,
  now = Date.now,
}: SuppressedPeopleOptions): FindSuppressed {
  const table = tableName(eventType);
  const names = subjectColumns(eventType).map(({ name }) => name);
  let known: { readonly atMs: number; readonly etag?: string; readonly isLeftOut?: IsLeftOut } = {
    atMs: -Infinity,
  };
  return async () => {
    const atMs = now();
    if (atMs - known.atMs < trustedMs) return known.isLeftOut;
    try {
      const ledger = await readLedger(store, table);
      if (ledger?.etag !== known.etag || ledger === undefined) {
        const entries = (ledger?.entries ?? []).filter(({ suppress }) => suppress);
        known = {
          atMs,
          ...(ledger && { etag: ledger.etag }),
          ...(entries.length > 0 && {
            isLeftOut: rowsOf(names, new LedgerMatch(entries, await readKeys())),
          }),
        };
      } else known = { ...known, atMs };
    } catch (error) {
      // The next batch tries again; until then the last ledger is used.
      onFailure(error);
    }
    return known.isLeftOut;
  };
}

const rowsOf = (names: readonly string[], match: LedgerMatch): IsLeftOut => {
  const places = names.map(
    // A quote inside a text is escaped, so this text occurs only before the column's own value.
    (name) => new RegExp(`[{,]${escaped(JSON.stringify(name))}:("(?:[^"\\\\]|\\\\.)*"|-?\\d+)`),
  );
  return (row) =>
    places.some((place) => {
      const [, source] = place.exec(row) ?? [];
      if (source === undefined) return false;
      return match.suppresses(source.startsWith('"') ? (JSON.parse(source) as string) : source);
    });
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Returns the rows that are kept, one a line, and the number of those that were dropped. */
export function withoutRows(
  rows: string,
  isLeftOut: IsLeftOut,
): { readonly rows: string; readonly leftOut: number } {
  const lines = rows.split('\n');
  const end = lines.pop() ?? '';
  if (end !== '') lines.push(end);
  const kept = lines.filter((line) => !isLeftOut(line));
  return {
    rows: kept.map((line) => `${line}\n`).join(''),
    leftOut: lines.length - kept.length,
  };
}
