// Finds people who were erased with `suppress`, so that a file which still names them does not bring them back.
import { hasSubject, tableName, type EventType, type ReferenceTable } from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import { LedgerMatch, readErasure, readLedger, type LedgerEntry } from '@sluice/privacy/erasures';

export interface SuppressedPeopleOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  /** Event types of the lake, whose ledgers name erased people. */
  readonly eventTypes: readonly EventType[];
  /** Reads the keys of the ledger; called where anybody is suppressed. */
  readonly readLedgerKeys: () => Promise<HashKeys>;
}

/**
 * Returns a function that decides whether a text names a person whose erasure covers a reference table and suppresses
 * later rows; undefined where there is no such person.
 */
export async function suppressedIn(
  reference: ReferenceTable,
  { store, eventTypes, readLedgerKeys }: SuppressedPeopleOptions,
): Promise<((text: string) => boolean) | undefined> {
  if (!hasSubject(reference)) return undefined;
  const entries: LedgerEntry[] = [];
  const takesAlong = new Map<string, boolean>();
  for (const eventType of eventTypes.filter(hasSubject))
    for (const entry of (await readLedger(store, tableName(eventType)))?.entries ?? []) {
      const { erasure: id, suppress } = entry;
      if (!suppress) continue;
      // An erasure of one event type does not cover reference tables.
      if (!takesAlong.has(id)) {
        const { references } = (await readErasure(store, id))?.erasure ?? {};
        takesAlong.set(id, references?.includes(reference.name) ?? false);
      }
      if (takesAlong.get(id) === true) entries.push(entry);
    }
  if (entries.length === 0) return undefined;
  const match = new LedgerMatch(entries, await readLedgerKeys());
  return (text) => match.suppresses(text);
}
