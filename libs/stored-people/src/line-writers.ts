import { tableColumns, type ColumnType, type EventType } from '@sluice/event-schema';
import { csvRowWriter, jsonRowWriter, type Row } from '@sluice/row-formats';
import type { Cell } from '@sluice/values';
import type { HeldFailedRecord, LineWriter } from './page-options';

/** Returns a writer of one JSON object for each row or failed record. */
export function ndjsonLines(): LineWriter {
  const writers = new Map<EventType, (row: Row) => string>();
  const writerOf = (eventType: EventType) => {
    const known = writers.get(eventType) ?? jsonRowWriter(tableColumns(eventType));
    writers.set(eventType, known);
    return known;
  };
  return {
    row: ({ eventType, date }, row) =>
      `${JSON.stringify({ eventType: eventType.name, day: date }).slice(0, -1)},"row":${writerOf(eventType)(row)}}`,
    failedRecord: ({ eventType, date }, record) =>
      JSON.stringify({ eventType: eventType.name, day: date, failedRecord: record }),
  };
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
export function csvLines(eventTypes: readonly EventType[], neutralises = false): LineWriter {
  const names = [
    ...new Set(eventTypes.flatMap((eventType) => tableColumns(eventType).map(({ name }) => name))),
  ];
  const writers = new Map<EventType, (cells: readonly Cell[], own: readonly Cell[]) => string>();
  const writerOf = (eventType: EventType) => {
    const known = writers.get(eventType);
    if (known) return known;
    const columns = tableColumns(eventType);
    const places = names.map((name) => columns.findIndex((column) => column.name === name));
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
