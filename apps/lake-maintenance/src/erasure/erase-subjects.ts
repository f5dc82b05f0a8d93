import {
  eventIdColumn,
  ingestedAtColumn,
  keyColumn,
  tableName,
  type Column,
  type EventType,
} from '@sluice/event-schema';
import {
  dateOfKey,
  manifestPrefix,
  rawTablePrefix,
  takenPrefix,
  type CompactedFile,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import { columnsOfSubject, ErasureError, hiddenTexts } from '@sluice/privacy/erasures';
import { comparedText, possibleFiles } from '@sluice/stored-people';
import { Vector, type Table } from 'apache-arrow';
import { compactDay, type CompactDayOptions } from '../compaction/compact-day';
import { eventIdentity, type EventIdentity } from '../compaction/event-days';
import { keyTexts } from '../compaction/key-text';
import type { LaterCopies } from '../compaction/later-copies';
import { readKeyTable } from '../compaction/read-parquet';
import { castColumn } from '@sluice/columns';
import type { SnapshotRetention } from '../publishing/snapshot-retention';
import type { CatalogPointer } from '../publishing/newest-version';
import { TablePublisher } from '../publishing/table-publisher';
import { eraseFailed, type FailedErasure } from './erase-failed';

/** A person whose rows are removed. */
export interface ErasedSubject {
  /** Name of the person, in clear. */
  readonly subject: string;
  /** Last arrival of rows to remove, in milliseconds since 1970. @default all rows are removed */
  readonly untilMs?: number | undefined;
}

export interface EraseSubjectsOptions extends Pick<
  CompactDayOptions,
  'store' | 'eventType' | 'codec' | 'chooseLayout' | 'now'
> {
  /** Name of the bucket behind `store`, for the paths of the Iceberg table. */
  readonly bucket: string;
  /** People to search for together, so that a file which names several is rewritten once. */
  readonly subjects: readonly ErasedSubject[];
  /** Keys of the hashes; required where a subject's column is hashed. */
  readonly hashKeys?: HashKeys | undefined;
  /** Keys that decrypt failed records. @default none, so that these are left, and expire with their retention */
  readonly errorKeys?: Pick<HashKeys, 'keys'> | undefined;
  /** Catalogue that points to the Iceberg table. @default none */
  readonly catalog?: CatalogPointer;
  /** True to report what would be removed, without changing anything. @default false */
  readonly dryRun?: boolean;
}

export interface ErasedDay {
  readonly date: LakeDate;
  readonly rows: number;
  /** Keys of the compacted files that held the person; they are rewritten without those rows. */
  readonly files: readonly string[];
}

export interface ErasureReport extends FailedErasure {
  readonly table: string;
  readonly dryRun: boolean;
  /** Number of days that were searched. */
  readonly searchedDays: number;
  /**
   * Number of compacted files that were read completely, for any of the people; all others were known not to name
   * them.
   */
  readonly searchedFiles: number;
  readonly days: readonly ErasedDay[];
  /**
   * Further days without such rows, whose indexes may have had entries that named the people, from copies of events
   * that no longer count. These entries are removed.
   */
  readonly indexDays: readonly LakeDate[];
  /** Number of dropped files of the table that were ingested and whose originals are deleted. */
  readonly takenFiles: number;
}

export { ErasureError };

/**
 * Removes the rows of some people from the compacted files of a table, and their events from its error output.
 * Originals of dropped files that were ingested into the table are deleted too.
 *
 * Raw files are compacted first. Files with such rows are rewritten without them and replaced in one commit for each
 * day, as by a compaction; the replaced files are deleted after the same grace period. The Iceberg table keeps only
 * the snapshot without these rows, because older ones would have them; so an erasure ends time travel. Nothing else
 * in the lake has to stop meanwhile: if a compactor is faster, the day is begun again. A sealed day is announced
 * again, so that its joins run without these rows.
 *
 * @returns what was done for each of the people, in their order
 * @throws ErasureError where the event type has no subject, its hashes can't be made, or the Iceberg table can't
 * follow
 */
export async function eraseSubjects(
  options: EraseSubjectsOptions,
): Promise<readonly ErasureReport[]> {
  const { store, bucket, eventType, subjects, hashKeys, errorKeys, dryRun = false } = options;
  const table = tableName(eventType);
  const wanted = wantedPeople(eventType, subjects, hashKeys);
  const dates = new Set<LakeDate>();
  for (const prefix of [manifestPrefix(table), rawTablePrefix(table)])
    for await (const { key } of store.list(prefix)) {
      const date = dateOfKey(key);
      if (date !== undefined) dates.add(date);
    }
  const days: ErasedDay[][] = subjects.map(() => []);
  const indexDays: LakeDate[] = [];
  let searchedFiles = 0;
  const { codec, chooseLayout, catalog, now } = options;
  const shared = {
    store,
    eventType,
    ...(codec && { codec }),
    ...(chooseLayout && { chooseLayout }),
    ...(now && { now }),
  };
  const publisher = dryRun
    ? undefined
    : new TablePublisher({
        ...shared,
        bucket,
        ...(catalog && { catalog }),
        retention: onlyTheNewest,
      });
  await publisher?.open();
  for (const date of [...dates].sort()) {
    const publication = publisher && { publication: publisher };
    if (!dryRun) await compactDay({ ...shared, ...publication, date });
    // Only the last search is the one whose commit succeeded.
    let found: FoundPeople = nobody;
    let erased = nobody;
    const before = { inIndexes: false };
    await compactDay({
      ...shared,
      ...publication,
      date,
      findRows: async (day) => {
        const { files: candidates, inIndexes } = await possibleFiles(day, {
          store,
          eventType,
          wanted: wanted.columns.map(({ column, people }) => ({
            column,
            texts: [...people.keys()],
          })),
        });
        searchedFiles += candidates.length;
        found = await findPeople(candidates, wanted, options);
        if (found.rows.files.length > 0) erased = found;
        before.inIndexes ||= inIndexes;
        return dryRun ? nobody.rows : { ...found.rows, inIndexes };
      },
    });
    if (before.inIndexes && erased === nobody) indexDays.push(date);
    for (const [person, { rows, files }] of erased.people)
      days[person]?.push({ date, rows, files: [...files] });
  }
  const failed = await eraseFailed({
    ...{ store, table, errorKeys, dryRun },
    people: subjects.map(
      ({ subject }) =>
        new Set([subject, ...hiddenTexts(columnsOfSubject(eventType, subject, hashKeys))]),
    ),
  });
  const takenFiles = await deleteTaken(store, table, dryRun);
  if (publisher) await publishWithout(publisher, dates);
  return subjects.map((_, person) => ({
    ...{ table, dryRun, searchedDays: dates.size, searchedFiles },
    days: days[person] ?? [],
    indexDays,
    takenFiles,
    failedRecords: failed[person]?.failedRecords ?? 0,
    unreadRecords: failed[person]?.unreadRecords ?? 0,
  }));
}

/** Deletes dropped files whose events are all rows, or in the error output, by now. @returns their number */
async function deleteTaken(
  store: Pick<ObjectStore, 'list' | 'delete'>,
  table: string,
  dryRun: boolean,
): Promise<number> {
  const keys: string[] = [];
  for await (const { key } of store.list(`${takenPrefix}${table}/`)) keys.push(key);
  if (!dryRun) await store.delete(keys);
  return keys.length;
}

/** The people to search for, by the texts that name them in a column. */
interface WantedPeople {
  readonly columns: readonly {
    readonly column: Column;
    /** Positions of the people that a text names. */
    readonly people: ReadonlyMap<string, readonly number[]>;
  }[];
  /** Last arrival of the rows to remove, by the person's position. */
  readonly untilMs: readonly number[];
}

function wantedPeople(
  eventType: EventType,
  subjects: readonly ErasedSubject[],
  hashKeys: HashKeys | undefined,
): WantedPeople {
  const columns = new Map<
    string,
    { readonly column: Column; readonly people: Map<string, number[]> }
  >();
  subjects.forEach(({ subject }, person) => {
    for (const { column, texts } of columnsOfSubject(eventType, subject, hashKeys)) {
      const { people } = columns.get(column.name) ?? { people: new Map<string, number[]>() };
      columns.set(column.name, { column, people });
      for (const text of texts) people.set(text, [...(people.get(text) ?? []), person]);
    }
  });
  return {
    columns: [...columns.values()],
    untilMs: subjects.map(({ untilMs = Infinity }) => untilMs),
  };
}

interface FoundPeople {
  /** All rows to remove, with their files. */
  readonly rows: LaterCopies;
  /** Counts of each person in them, by the person's position. */
  readonly people: ReadonlyMap<number, { rows: number; readonly files: Set<string> }>;
}

const nobody: FoundPeople = { rows: { files: [], ids: new Set() }, people: new Map() };

const onlyTheNewest: SnapshotRetention = { maxAgeMs: 0, minSnapshots: 1 };

/** Updates the Iceberg table to the manifests, and expires every older snapshot. */
async function publishWithout(
  publisher: TablePublisher,
  dates: ReadonlySet<LakeDate>,
): Promise<void> {
  publisher.seeDays(dates);
  const { table, fault } = await publisher.publish({ sawAll: true });
  if (fault !== undefined)
    throw new ErasureError(
      `the rows are gone from ${table}, but snapshots of its Iceberg table may still hold them (${fault}): erase again`,
    );
  await publisher.expire();
}

async function findPeople(
  files: readonly CompactedFile[],
  wanted: WantedPeople,
  { store, eventType }: Pick<EraseSubjectsOptions, 'store' | 'eventType'>,
): Promise<FoundPeople> {
  const ids = new Set<EventIdentity>();
  const holding: CompactedFile[] = [];
  const people = new Map<number, { rows: number; readonly files: Set<string> }>();
  const names = [
    ...new Set([
      keyColumn(eventType).name,
      eventIdColumn.name,
      ingestedAtColumn.name,
      ...wanted.columns.map(({ column }) => column.name),
    ]),
  ];
  for (const file of files) {
    const { bytes } = await store.get(file.key, { ifMatch: file.etag });
    const found = peopleIn(readKeyTable(bytes, names), wanted, eventType);
    if (found.length > 0) holding.push(file);
    for (const { id, named } of found) {
      if (id !== undefined) ids.add(id);
      for (const person of named) {
        const had = people.get(person) ?? { rows: 0, files: new Set<string>() };
        people.set(person, had);
        had.rows++;
        had.files.add(file.key);
      }
    }
  }
  return {
    rows: {
      files: holding,
      ids,
      isGoneValue: (column, text, arrivedMs) => namedBy(wanted, column, text, arrivedMs).length > 0,
      // Of an event that was sent with other people too, only the copies that name these.
      goneIn: (rows) =>
        peopleIn(rows.firstRows(rows.rows, names), wanted, eventType).map(({ row }) => row),
    },
    people,
  };
}

/** Returns the people whom a value of a column names, in a row that arrived at a moment. */
function namedBy(
  { columns, untilMs }: WantedPeople,
  { name }: Pick<Column, 'name'>,
  value: string | number | bigint,
  arrivedMs: number,
): readonly number[] {
  const searched = columns.find(({ column }) => column.name === name);
  const people = searched?.people.get(comparedText(searched.column, value)) ?? [];
  return people.filter((person) => arrivedMs <= (untilMs[person] ?? Infinity));
}

/** A row that names people. */
interface NamingRow {
  readonly row: number;
  /** Undefined for a row without an `event_id`, which only its position identifies. */
  readonly id: EventIdentity | undefined;
  /** Positions of the people. */
  readonly named: ReadonlySet<number>;
}

/** Returns the rows of a table that name people. */
function peopleIn(table: Table, wanted: WantedPeople, eventType: EventType): readonly NamingRow[] {
  const key = keyColumn(eventType);
  const found: NamingRow[] = [];
  let before = 0;
  for (const batch of table.batches) {
    const child = (name: string) =>
      batch.data.children[batch.schema.fields.findIndex((field) => field.name === name)];
    const keyData = child(key.name);
    const keyText = keyData && keyTexts(new Vector([castColumn(keyData, key)]), key.type);
    const eventIds = child(eventIdColumn.name);
    const events = eventIds && new Vector([eventIds]);
    const arrivals = child(ingestedAtColumn.name);
    const arrived = arrivals && new Vector([castColumn(arrivals, ingestedAtColumn)]);
    const searched = wanted.columns.flatMap(({ column }) => {
      const data = child(column.name);
      if (!data) return [];
      return [{ values: new Vector([castColumn(data, column)]), column }];
    });
    for (let row = 0; row < batch.numRows; row++) {
      const named = new Set<number>();
      for (const { values, column } of searched) {
        const value = values.get(row) as string | number | bigint | null | undefined;
        if (value === null || value === undefined) continue;
        // A row without an arrival counts as earlier.
        const arrivedMs = Number(arrived?.get(row) ?? 0);
        for (const person of namedBy(wanted, column, value, arrivedMs)) named.add(person);
      }
      if (named.size === 0) continue;
      const eventId = (events?.get(row) ?? undefined) as string | undefined;
      const id =
        eventId === undefined || !keyText ? undefined : eventIdentity(keyText(row), eventId);
      found.push({ row: before + row, id, named });
    }
    before += batch.numRows;
  }
  return found;
}
