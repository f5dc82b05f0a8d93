import { tableName, type EventType } from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import { LedgerMatch, readLedger, subjectColumns, type Ledger } from '@sluice/privacy/erasures';
import type { RowQuery } from './row-query';

export interface HiddenPeopleOptions {
  readonly now: () => number;
  /** Reads the keys of the ledger. Called when a ledger first has an entry. */
  readonly readKeys?: () => Promise<HashKeys>;
}

/** People who are hidden in the rows of one table. */
export interface Hidden {
  /** Token that changes whenever the hidden people change. */
  readonly etag: string;
  /** Returns a query that leaves out their rows. Columns that name people are added after its own. */
  within(query: RowQuery): RowQuery;
}

/**
 * Milliseconds for which a ledger is trusted without reading it again: well within the 5 seconds after which nobody may
 * find an erased person.
 */
const trustedMs = 2_000;
const microsPerMs = 1_000n;

interface Known {
  readonly readAtMs: number;
  readonly hidden: Hidden | undefined;
}

/** Knows which people are hidden, from the ledger of each table whose event type has a subject. */
export class HiddenPeople {
  readonly #known = new Map<string, Known>();
  readonly #now: () => number;
  readonly #readKeys: () => Promise<HashKeys>;
  #keys: Promise<HashKeys> | undefined;

  constructor({
    now,
    readKeys = () =>
      Promise.reject(
        new Error('somebody is to be hidden, and the function has no key of the ledger'),
      ),
  }: HiddenPeopleOptions) {
    this.#now = now;
    this.#readKeys = readKeys;
  }

  /**
   * Returns the hidden people; undefined where there are none.
   *
   * @throws where they can't be read, because showing a row that should be hidden is worse than no answer
   */
  async of(eventType: EventType, store: Pick<ObjectStore, 'get'>): Promise<Hidden | undefined> {
    if (subjectColumns(eventType).length === 0) return undefined;
    const table = tableName(eventType);
    const known = this.#known.get(table);
    const readAtMs = this.#now();
    if (known && readAtMs - known.readAtMs < trustedMs) return known.hidden;
    const ledger = await readLedger(store, table);
    const hidden =
      ledger && ledger.entries.length > 0 ? await this.#hidden(eventType, ledger) : undefined;
    this.#known.set(table, { readAtMs, hidden });
    return hidden;
  }

  async #hidden(eventType: EventType, ledger: Ledger): Promise<Hidden> {
    const { etag } = ledger;
    const known = this.#known.get(tableName(eventType))?.hidden;
    if (known?.etag === etag) return known;
    const match = await this.#match(ledger);
    const naming = subjectColumns(eventType);
    return {
      etag,
      within(query) {
        const columns = [
          ...query.columns,
          ...naming.filter((column) => query.columns.every(({ name }) => name !== column.name)),
        ];
        const places = naming.map(({ name }) => columns.findIndex((each) => each.name === name));
        return {
          ...query,
          columns,
          isHidden: ({ cells, ingestedAtMicros }) =>
            places.some((place) => {
              const cell = cells[place] ?? null;
              return (
                cell !== null && match.hides(String(cell), Number(ingestedAtMicros / microsPerMs))
              );
            }),
        };
      },
    };
  }

  /** Matches the entries with names; reads the keys again where one was added since the function started. */
  async #match({ entries }: Ledger): Promise<LedgerMatch> {
    const isFirst = this.#keys === undefined;
    try {
      return new LedgerMatch(entries, await (this.#keys ??= this.#readKeys()));
    } catch (error) {
      this.#keys = undefined;
      if (isFirst) throw error;
      return new LedgerMatch(entries, await (this.#keys = this.#readKeys()));
    }
  }
}
