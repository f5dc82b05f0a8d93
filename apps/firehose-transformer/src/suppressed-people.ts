// Leaves out rows of people who are erased for good.
import { tableName, type EventType } from '@sluice/event-schema';
import type { HashKeys } from '@sluice/privacy';
import { LedgerMatch, readLedger, subjectColumns } from '@sluice/privacy/erasures';
import type { ObjectStore } from '@sluice/lake-layout';

/** Decides whether a row, as a line of JSON without its end, is left out. */
export type IsLeftOut = (row: string) => boolean;

/**
 * Returns what is to be left out now; undefined where nothing is. Never rejects: rows that should have been left out
 * are hidden by the ledger all the same, while a function that fails would have the originals stored in clear.
 */
export type FindSuppressed = () => Promise<IsLeftOut | undefined>;

export interface SuppressedPeopleOptions {
  readonly eventType: EventType;
  /** Reads the ledger of the lake. */
  readonly store: Pick<ObjectStore, 'get'>;
  /** Reads the keys of the ledger. Called when it first has somebody whose later events are to be left out. */
  readonly readKeys: () => Promise<HashKeys>;
  /** Reports that the ledger or its keys could not be read, so that nothing was left out. */
  readonly onFailure: (error: unknown) => void;
  readonly now?: () => number;
}

/** How long a ledger is trusted without asking again. Firehose waits for longer before it calls with a batch. */
const trustedMs = 10_000;

/** Returns a function that tells whose rows of an event type are to be left out as they arrive. */
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
      // Asked again by the next batch; until then the last answer holds.
      onFailure(error);
    }
    return known.isLeftOut;
  };
}

const rowsOf = (names: readonly string[], match: LedgerMatch): IsLeftOut => {
  const places = names.map(
    // A quote inside a text is escaped, so this stands nowhere but before the column's own value.
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

/** Returns the rows that stay, one a line, and the number of those that are left out. */
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
