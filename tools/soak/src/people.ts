// Rows of people, some of whom are erased later: what is written into the lake, and what has to be left of it.
import { createRowTableBuilder } from '@sluice/columns';
import { defineEvent, tableColumns, tableName } from '@sluice/event-schema';
import {
  errorsOfDayPrefix,
  queryResultsPrefix,
  rawHourPrefix,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';

/** Visits, whose person is not the key and has an index, so that rows, bounds and indexes name people. */
export const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'id',
  identity: 'id',
  subject: 'person',
  indexes: ['person'],
  schema: {
    type: 'object',
    required: ['id', 'person'],
    properties: {
      id: { type: 'string' },
      person: { type: 'string' },
      note: { type: 'string' },
      pages: { type: 'integer' },
    },
  },
});

export const visitTable = tableName(visit);

/** Stands in everything that has to go, and in nothing else: names of people who are erased for good, and what any of the erased wrote. */
export const erasedMark = 'Zq-erased-';
/** Begins the names of people who are erased, and whose later events stay. */
const returningMark = 'Zq-returning-';
/** Begins what they wrote afterwards. */
export const laterMark = 'Zq-later-';

/** Decides whether later events of a person who is erased are left out. */
export const isSuppressed = (person: string): boolean => person.startsWith(erasedMark);

/** Begins what a person wrote; that of a person who is erased later has to go. */
export const erasedNote = (person: string): string => person.replace(returningMark, erasedMark);

/** Rows of each person on average. */
const rowsPerPerson = 40;

export interface Crowd {
  /** People who are erased, in the order in which that is asked for. */
  readonly erased: readonly string[];
  /** People who stay. */
  readonly kept: readonly string[];
}

/** Returns the people of a lake with a number of rows. @param erased number of people who are erased */
export function crowdFor(rows: number, erased: number): Crowd {
  const kept = Math.max(20, Math.round(rows / rowsPerPerson) - erased);
  return {
    erased: Array.from(
      { length: erased },
      (_, at) => `${at % 4 === 0 ? returningMark : erasedMark}${at}`,
    ),
    kept: Array.from({ length: kept }, (_, at) => `kept-${at}`),
  };
}

export interface RawVisits {
  readonly date: LakeDate;
  /** Name of the file; names ascend with the time at which Firehose would have written them. */
  readonly name: string;
  /** Moment at which the rows arrived, in milliseconds since 1970. */
  readonly arrivedMs: number;
  /** The person of each row. */
  readonly people: readonly string[];
  /** Name of a file whose rows are sent again: row for row the same events. @default these are events of their own */
  readonly sentAs?: string;
  /** Returns the beginning of a person's texts. @default what has to go with the person */
  readonly noteOf?: (person: string) => string;
}

/** Writes a raw file of visits, and returns its bytes. */
export async function putRawVisits(
  store: Pick<ObjectStore, 'put'>,
  { date, name, arrivedMs, people, sentAs = name, noteOf = erasedNote }: RawVisits,
): Promise<Uint8Array> {
  const builder = createRowTableBuilder(tableColumns(visit));
  people.forEach((person, at) => {
    const id = `${sentAs}-${at}`;
    const fault = builder.append({
      id,
      person,
      note: `${noteOf(person)} looked at page ${at}`,
      pages: at,
      event_id: id,
      ingested_at: new Date(arrivedMs).toISOString(),
      unmapped: at % 3 === 0 ? JSON.stringify({ from: noteOf(person) }) : null,
    });
    if (fault) throw new Error(`${fault.column}: ${fault.detail}`);
  });
  const { bytes } = writeParquet(builder.finish(), rawLayout);
  const hour = new Date(arrivedMs).toISOString().slice(11, 13);
  await store.put(`${rawHourPrefix(visitTable, date, hour)}${name}.parquet`, bytes);
  return bytes;
}

/** Writes failed records and a query's result that name each of some people. */
export async function putTraces(
  store: Pick<ObjectStore, 'put'>,
  date: LakeDate,
  people: readonly string[],
): Promise<void> {
  const lines = people.map((person) =>
    JSON.stringify({
      arrivalTimestamp: Date.parse(date),
      errorCode: 'Lambda.ProcessingFailedStatus',
      errorMessage: 'failed',
      rawData: Buffer.from(JSON.stringify({ id: 7, person, note: erasedNote(person) })).toString(
        'base64',
      ),
    }),
  );
  await store.put(
    `${errorsOfDayPrefix(visitTable, 'processing-failed', date)}failed`,
    Buffer.from(`${lines.join('\n')}\n`),
  );
  await store.put(
    `${queryResultsPrefix}people.csv`,
    Buffer.from(people.map(erasedNote).join('\n')),
  );
}
