import {
  eventIdColumn,
  ingestedAtColumn,
  keyColumn,
  tableName,
  type EventType,
} from '@sluice/event-schema';
import {
  dateOfKey,
  manifestPrefix,
  rawTablePrefix,
  type CompactedFile,
  type LakeDate,
} from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import { columnsOfSubject, ErasureError, type SubjectColumn } from '@sluice/privacy/erasures';
import { Vector, type Table } from 'apache-arrow';
import { compactDay, type CompactDayOptions } from '../compaction/compact-day';
import { eventIdentity, type EventIdentity } from '../compaction/event-days';
import { keyTexts } from '../compaction/key-text';
import type { LaterCopies } from '../compaction/later-copies';
import { readKeyTable } from '../compaction/read-parquet';
import { filesWithKeys, sortedKeys } from '../compaction/stored-identities';
import { castColumn } from '@sluice/columns';
import type { SnapshotRetention } from '../publishing/expire-snapshots';
import { TablePublisher } from '../publishing/table-publisher';
import { eraseFailed, type FailedErasure } from './erase-failed';

export interface EraseSubjectOptions extends Pick<
  CompactDayOptions,
  'store' | 'bucket' | 'eventType' | 'codec' | 'chooseLayout' | 'now'
> {
  /** Name of the person, in clear. */
  readonly subject: string;
  /** Keys of the hashes; required where a subject's column is hashed. */
  readonly hashKeys?: HashKeys | undefined;
  /** Keys that decrypt failed records. @default none, so that these are left, and expire with their retention */
  readonly errorKeys?: Pick<HashKeys, 'keys'> | undefined;
  /** Rows that arrived later stay, in milliseconds since 1970. @default none does */
  readonly untilMs?: number;
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
  /** Number of compacted files whose subject columns were read; the keys of the others exclude the person. */
  readonly searchedFiles: number;
  readonly days: readonly ErasedDay[];
}

export { ErasureError };

/**
 * Removes the rows of one person from the compacted files of a table, and the person's events from its error output.
 *
 * Raw files are compacted first. Files with such rows are rewritten without them and replaced in one commit for each
 * day, as by a compaction; the replaced files are deleted after the same grace period. Of the Iceberg table only the
 * snapshot without these rows is kept; older ones would hold them, so an erasure ends time travel. Nothing else in
 * the lake has to stop meanwhile: if a compactor is faster, this begins the day anew. A sealed day is announced
 * again, so that its joins run without these rows.
 *
 * @throws ErasureError where the event type has no subject, its hashes can't be made, or the Iceberg table can't
 * follow
 */
export async function eraseSubject(options: EraseSubjectOptions): Promise<ErasureReport> {
  const { store, bucket, eventType, subject, hashKeys, errorKeys, dryRun = false } = options;
  const table = tableName(eventType);
  const columns = columnsOfSubject(eventType, subject, hashKeys);
  const dates = new Set<LakeDate>();
  for (const prefix of [manifestPrefix(table), rawTablePrefix(table)])
    for await (const { key } of store.list(prefix)) {
      const date = dateOfKey(key);
      if (date !== undefined) dates.add(date);
    }
  const days: ErasedDay[] = [];
  let searchedFiles = 0;
  const { codec, chooseLayout, now } = options;
  const shared = {
    store,
    bucket,
    eventType,
    ...(codec && { codec }),
    ...(chooseLayout && { chooseLayout }),
    ...(now && { now }),
  };
  const publisher = dryRun
    ? undefined
    : new TablePublisher({ ...shared, retention: onlyTheNewest });
  await publisher?.open();
  for (const date of [...dates].sort()) {
    const publication = publisher && { publication: publisher };
    if (!dryRun) await compactDay({ ...shared, ...publication, date });
    // Only the last search is the one whose commit succeeded.
    let found = noRows;
    let erased = found;
    await compactDay({
      ...shared,
      ...publication,
      date,
      findRows: async (files) => {
        const candidates = possibleFiles(files, columns, eventType);
        searchedFiles += candidates.length;
        found = await rowsOfSubject(candidates, columns, options);
        if (found.files.length > 0) erased = found;
        return dryRun ? noRows : found;
      },
    });
    if (erased.files.length > 0)
      days.push({
        date,
        rows: erased.ids.size + erased.withoutId,
        files: erased.files.map(({ key }) => key),
      });
  }
  const failed = await eraseFailed({ store, table, subject, errorKeys, dryRun });
  if (publisher) await publishWithout(publisher, dates);
  return { table, dryRun, searchedDays: dates.size, searchedFiles, days, ...failed };
}

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

/** Returns the files that may hold a person: all, unless only the key identifies people. */
function possibleFiles(
  files: readonly CompactedFile[],
  columns: readonly SubjectColumn[],
  eventType: EventType,
): readonly CompactedFile[] {
  const key = keyColumn(eventType).name;
  const [only, ...others] = columns;
  if (others.length > 0 || only?.column.name !== key) return files;
  return filesWithKeys(files, sortedKeys([...only.texts], eventType), eventType);
}

/** Rows of a person. */
interface SubjectRows extends LaterCopies {
  /** Number of them that have no `event_id`; these are not in `ids`. */
  readonly withoutId: number;
}

const noRows: SubjectRows = { files: [], ids: new Set(), withoutId: 0 };

async function rowsOfSubject(
  files: readonly CompactedFile[],
  columns: readonly SubjectColumn[],
  {
    store,
    eventType,
    untilMs = Infinity,
  }: Pick<EraseSubjectOptions, 'store' | 'eventType' | 'untilMs'>,
): Promise<SubjectRows> {
  const names = [
    ...new Set([
      keyColumn(eventType).name,
      eventIdColumn.name,
      ingestedAtColumn.name,
      ...columns.map(({ column }) => column.name),
    ]),
  ];
  const rowsIn = (table: Table) => subjectRowsIn(table, columns, { eventType, untilMs });
  const ids = new Set<EventIdentity>();
  const holding: CompactedFile[] = [];
  let withoutId = 0;
  for (const file of files) {
    const { bytes } = await store.get(file.key, { ifMatch: file.etag });
    const found = rowsIn(readKeyTable(bytes, names));
    if (found.length > 0) holding.push(file);
    for (const { id } of found)
      if (id === undefined) withoutId++;
      else ids.add(id);
  }
  return {
    files: holding,
    ids,
    withoutId,
    alsoIn: (rows) =>
      rowsIn(rows.firstRows(rows.rows, names)).flatMap(({ row, id }) =>
        id === undefined ? [row] : [],
      ),
  };
}

/** Returns the rows of a person in a table, each once. */
function subjectRowsIn(
  table: Table,
  columns: readonly SubjectColumn[],
  { eventType, untilMs }: { readonly eventType: EventType; readonly untilMs: number },
): readonly { readonly row: number; readonly id: EventIdentity | undefined }[] {
  const key = keyColumn(eventType);
  const found = new Map<number, EventIdentity | undefined>();
  let before = 0;
  for (const batch of table.batches) {
    const child = (name: string) =>
      batch.data.children[batch.schema.fields.findIndex((field) => field.name === name)];
    const keyData = child(key.name);
    const eventIds = child(eventIdColumn.name);
    const events = eventIds && new Vector([eventIds]);
    const keyText = keyData && keyTexts(new Vector([castColumn(keyData, key)]), key.type);
    const arrivals = child(ingestedAtColumn.name);
    const arrived = arrivals && new Vector([castColumn(arrivals, ingestedAtColumn)]);
    for (const { column, texts } of columns) {
      const data = child(column.name);
      if (!data) continue;
      const values = new Vector([castColumn(data, column)]);
      for (let row = 0; row < batch.numRows; row++) {
        const value = values.get(row) as string | number | bigint | null | undefined;
        if (value === null || value === undefined || !texts.has(String(value))) continue;
        // A row that does not say when it arrived is from before.
        if (Number(arrived?.get(row) ?? 0) > untilMs) continue;
        const eventId = (events?.get(row) ?? undefined) as string | undefined;
        const id =
          eventId === undefined || !keyText ? undefined : eventIdentity(keyText(row), eventId);
        found.set(before + row, id);
      }
    }
    before += batch.numRows;
  }
  return [...found].map(([row, id]) => ({ row, id }));
}
