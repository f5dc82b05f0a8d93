import { tableColumns, type Column, type ColumnType, type EventType } from '@sluice/event-schema';
import { csvRowWriter, jsonRowWriter, type Row } from '@sluice/row-formats';
import type { Cell } from '@sluice/values';
import type { HeldFailedRecord, LineWriter } from './page-options';

/** Returns the columns of an event type that are written, some or all of its table's. */
export type ShownColumns = (eventType: EventType) => readonly Column[];

/** Returns a writer of one JSON object for each row or failed record. */
export function ndjsonLines(shownColumns: ShownColumns = tableColumns): LineWriter {
  const writers = new Map<EventType, (row: Row) => string>();
  const writerOf = (eventType: EventType) => {
    const known = writers.get(eventType);
    if (known) return known;
    const shown = shownColumns(eventType);
    const places = placesOf(shown, eventType);
    const write = jsonRowWriter(shown);
    const made = ({ cells }: Row): string =>
      write({ cells: places.map((place) => cells[place] ?? null) });
    writers.set(eventType, made);
    return made;
  };
  return {
    row: ({ eventType, date }, row) =>
      `${JSON.stringify({ eventType: eventType.name, day: date }).slice(0, -1)},"row":${writerOf(eventType)(row)}}`,
    failedRecord: ({ eventType, date }, record) =>
      JSON.stringify({ eventType: eventType.name, day: date, failedRecord: record }),
  };
}

/** Returns the place of each column among all of the table's. */
function placesOf(columns: readonly Column[], eventType: EventType): readonly number[] {
  const all = tableColumns(eventType);
  return columns.map((column) => all.findIndex(({ name }) => name === column.name));
}

const text = { kind: 'string' } as const;
/** Names with a space, which no column of a table has. */
const ownColumns = ['event type', 'arrival day', 'failed record'];

/**
 * Returns a writer of CSV with a header: the columns of all event types side by side, each named once. A failed record
 * is JSON in a column of its own.
 *
 * @param neutralises puts an apostrophe before a text that a spreadsheet would take for a formula
 */
export function csvLines(
  eventTypes: readonly EventType[],
  neutralises = false,
  shownColumns: ShownColumns = tableColumns,
): LineWriter {
  const names = [
    ...new Set(eventTypes.flatMap((eventType) => shownColumns(eventType).map(({ name }) => name))),
  ];
  const writers = new Map<EventType, (cells: readonly Cell[], own: readonly Cell[]) => string>();
  const writerOf = (eventType: EventType) => {
    const known = writers.get(eventType);
    if (known) return known;
    const columns = tableColumns(eventType);
    const shown = new Set(shownColumns(eventType).map(({ name }) => name));
    const places = names.map((name) =>
      shown.has(name) ? columns.findIndex((column) => column.name === name) : -1,
    );
    const types = places.map((place): ColumnType => columns[place]?.type ?? text);
    const write = csvRowWriter(
      [...ownColumns.map(() => text), ...types].map((type) => ({ type })),
      neutralises,
    );
    const made = (cells: readonly Cell[], own: readonly Cell[]): string =>
      write({ cells: [...own, ...places.map((place) => cells[place] ?? null)] });
    writers.set(eventType, made);
    return made;
  };
  return {
    header: [...ownColumns, ...names].join(','),
    row: ({ eventType, date }, { cells }) =>
      writerOf(eventType)(cells, [eventType.name, date, null]),
    failedRecord: ({ eventType, date }, record: HeldFailedRecord) =>
      writerOf(eventType)([], [eventType.name, date, JSON.stringify(record)]),
  };
}
