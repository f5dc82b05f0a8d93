import {
  referenceColumns,
  tableColumns,
  type Column,
  type ColumnType,
  type EventType,
  type ReferenceTable,
} from '@sluice/event-schema';
import { csvRowWriter, jsonRowWriter, type Row } from '@sluice/row-formats';
import type { Cell } from '@sluice/values';
import type { HeldFailedRecord, LineWriter } from './page-options';

/** Returns the columns of an event type that are written, some or all of its table's. */
export type ShownColumns = (eventType: EventType) => readonly Column[];

/** Returns the columns of a reference table that are written, some or all of its own. */
export type ShownReferenceColumns = (reference: ReferenceTable) => readonly Column[];

/** Returns a writer of one JSON object for each row or failed record. */
export function ndjsonLines(
  shownColumns: ShownColumns = tableColumns,
  shownReferenceColumns: ShownReferenceColumns = referenceColumns,
): LineWriter {
  const writerFor = (shown: readonly Column[], all: readonly Column[]) => {
    const places = placesOf(shown, all);
    const write = jsonRowWriter(shown);
    return ({ cells }: Row): string =>
      write({ cells: places.map((place) => cells[place] ?? null) });
  };
  const writerOf = madeOnce((eventType: EventType) =>
    writerFor(shownColumns(eventType), tableColumns(eventType)),
  );
  const writerOfReference = madeOnce((reference: ReferenceTable) =>
    writerFor(shownReferenceColumns(reference), referenceColumns(reference)),
  );
  return {
    row: ({ eventType, date }, row) =>
      `${JSON.stringify({ eventType: eventType.name, day: date }).slice(0, -1)},"row":${writerOf(eventType)(row)}}`,
    failedRecord: ({ eventType, date }, record) =>
      JSON.stringify({ eventType: eventType.name, day: date, failedRecord: record }),
    referenceRow: (reference, row) =>
      `${JSON.stringify({ reference: reference.name }).slice(0, -1)},"row":${writerOfReference(reference)(row)}}`,
  };
}

/** Returns a function that makes the writer of a definition at its first row, and keeps it. */
const madeOnce = <Definition, Writer>(
  make: (definition: Definition) => Writer,
): ((definition: Definition) => Writer) => {
  const writers = new Map<Definition, Writer>();
  return (definition) => {
    const writer = writers.get(definition) ?? make(definition);
    writers.set(definition, writer);
    return writer;
  };
};

/** Returns the place of each column among all of the table's. */
const placesOf = (columns: readonly Column[], all: readonly Column[]): readonly number[] =>
  columns.map((column) => all.findIndex(({ name }) => name === column.name));

const text = { kind: 'string' } as const;
/** Names with a space, which no column of a table has. */
const ownColumns = ['event type', 'arrival day', 'failed record'];
const ofReference = 'reference table';

export interface CsvLinesOptions {
  /** Puts an apostrophe before a text that a spreadsheet would take for a formula. @default false */
  readonly neutralises?: boolean;
  readonly shownColumns?: ShownColumns;
  /** Reference tables whose rows are written too. @default none */
  readonly references?: readonly ReferenceTable[];
  readonly shownReferenceColumns?: ShownReferenceColumns;
}

/**
 * Returns a writer of CSV with a header: the columns of all tables side by side, each named once. A failed record is
 * JSON in a column of its own.
 */
export function csvLines(
  eventTypes: readonly EventType[],
  {
    neutralises = false,
    shownColumns = tableColumns,
    references = [],
    shownReferenceColumns = referenceColumns,
  }: CsvLinesOptions = {},
): LineWriter {
  const own = references.length > 0 ? [...ownColumns, ofReference] : ownColumns;
  const names = [
    ...new Set(
      [...eventTypes.flatMap(shownColumns), ...references.flatMap(shownReferenceColumns)].map(
        ({ name }) => name,
      ),
    ),
  ];
  type WriteCells = (cells: readonly Cell[], own: readonly Cell[]) => string;
  const writerFor = (shownOnes: readonly Column[], columns: readonly Column[]): WriteCells => {
    const shown = new Set(shownOnes.map(({ name }) => name));
    const places = names.map((name) =>
      shown.has(name) ? columns.findIndex((column) => column.name === name) : -1,
    );
    const types = places.map((place): ColumnType => columns[place]?.type ?? text);
    const write = csvRowWriter(
      [...own.map(() => text), ...types].map((type) => ({ type })),
      neutralises,
    );
    return (cells, ownCells) =>
      write({
        cells: [
          ...own.map((_, at) => ownCells[at] ?? null),
          ...places.map((place) => cells[place] ?? null),
        ],
      });
  };
  const writerOf = madeOnce((eventType: EventType) =>
    writerFor(shownColumns(eventType), tableColumns(eventType)),
  );
  const writerOfReference = madeOnce((reference: ReferenceTable) =>
    writerFor(shownReferenceColumns(reference), referenceColumns(reference)),
  );
  return {
    header: [...own, ...names].join(','),
    row: ({ eventType, date }, { cells }) =>
      writerOf(eventType)(cells, [eventType.name, date, null]),
    failedRecord: ({ eventType, date }, record: HeldFailedRecord) =>
      writerOf(eventType)([], [eventType.name, date, JSON.stringify(record)]),
    referenceRow: (reference, { cells }) =>
      writerOfReference(reference)(cells, [null, null, null, reference.name]),
  };
}
