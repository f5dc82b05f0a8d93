import { tableColumns, tableName, type EventType } from '@sluice/event-schema';
import {
  columnsOfSubject,
  hiddenTexts,
  LedgerMatch,
  readLedger,
  type SubjectColumn,
} from '@sluice/privacy/erasures';
import type { Row } from '@sluice/row-formats';
import type { SubjectPageOptions } from './page-options';

/** A table with the texts to search for in it. */
export interface SearchedTable {
  readonly name: string;
  readonly eventType: EventType;
  readonly naming: readonly SubjectColumn[];
  /** Decides whether a row with these cells is hidden. */
  readonly hidesRow: (row: Row, arrivedMs: number) => boolean;
  /** Decides whether a record of the person that arrived at a moment is hidden. */
  readonly hidesPerson: (arrivedMs: number) => boolean;
}

/** Prepares the search of a table. @throws ErasureError where the event type has no subject, or its hashes can't be made */
export async function searchedTable(
  eventType: EventType,
  { store, subject, hashKeys, readLedgerKeys }: SubjectPageOptions,
): Promise<SearchedTable> {
  const name = tableName(eventType);
  const naming = columnsOfSubject(eventType, subject, hashKeys);
  const { entries = [] } = (await readLedger(store, name)) ?? {};
  const match = entries.length > 0 ? new LedgerMatch(entries, await readLedgerKeys()) : undefined;
  const columns = tableColumns(eventType);
  const places = naming.map(({ column }) => columns.findIndex((one) => one.name === column.name));
  return {
    ...{ name, eventType, naming },
    hidesRow: ({ cells }, arrivedMs) =>
      match !== undefined &&
      places.some((place) => {
        const cell = cells[place] ?? null;
        return cell !== null && match.hides(String(cell), arrivedMs);
      }),
    hidesPerson: (arrivedMs) =>
      match !== undefined && [...hiddenTexts(naming)].some((text) => match.hides(text, arrivedMs)),
  };
}
