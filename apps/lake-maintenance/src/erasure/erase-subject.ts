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
import { Vector } from 'apache-arrow';
import { compactDay, type CompactDayOptions } from '../compaction/compact-day';
import { eventIdentity, type EventIdentity } from '../compaction/event-days';
import { keyTexts } from '../compaction/key-text';
import type { LaterCopies } from '../compaction/later-copies';
import { readKeyTable } from '../compaction/read-parquet';
import { filesWithKeys, sortedKeys } from '../compaction/stored-identities';
import { castColumn } from '@sluice/columns';
import type { SnapshotRetention } from '../publishing/snapshot-retention';
import type { CatalogPointer } from '../publishing/newest-version';
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
  /** Catalogue that points to the Iceberg table. @default none does */
  readonly catalog?: CatalogPointer;
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
  const { codec, chooseLayout, catalog, now } = options;
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
    : new TablePublisher({ ...shared, ...(catalog && { catalog }), retention: onlyTheNewest });
  await publisher?.open();
  for (const date of [...dates].sort()) {
    const publication = publisher && { publication: publisher };
    if (!dryRun) await compactDay({ ...shared, ...publication, date });
    // Only the last search is the one whose commit succeeded.
    let found: LaterCopies = { files: [], ids: new Set() };
    let erased: LaterCopies = found;
    await compactDay({
      ...shared,
      ...publication,
      date,
      findRows: async (files) => {
        const candidates = possibleFiles(files, columns, eventType);
        searchedFiles += candidates.length;
        found = await rowsOfSubject(candidates, columns, options);
        if (found.ids.size > 0) erased = found;
        return dryRun ? { files: [], ids: new Set() } : found;
      },
    });
    if (erased.ids.size > 0)
      days.push({ date, rows: erased.ids.size, files: erased.files.map(({ key }) => key) });
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

async function rowsOfSubject(
  files: readonly CompactedFile[],
  columns: readonly SubjectColumn[],
  {
    store,
    eventType,
    untilMs = Infinity,
  }: Pick<EraseSubjectOptions, 'store' | 'eventType' | 'untilMs'>,
): Promise<LaterCopies> {
  const key = keyColumn(eventType);
  const ids = new Set<EventIdentity>();
  const holding: CompactedFile[] = [];
  const names = [
    ...new Set([
      key.name,
      eventIdColumn.name,
      ingestedAtColumn.name,
      ...columns.map(({ column }) => column.name),
    ]),
  ];
  for (const file of files) {
    const { bytes } = await store.get(file.key, { ifMatch: file.etag });
    let holds = false;
    for (const batch of readKeyTable(bytes, names).batches) {
      const child = (name: string) =>
        batch.data.children[batch.schema.fields.findIndex((field) => field.name === name)];
      const keyData = child(key.name);
      const eventIds = child(eventIdColumn.name);
      if (!keyData || !eventIds) continue;
      const keyText = keyTexts(new Vector([castColumn(keyData, key)]), key.type);
      const events = new Vector([eventIds]);
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
          ids.add(eventIdentity(keyText(row), String(events.get(row))));
          holds = true;
        }
      }
    }
    if (holds) holding.push(file);
  }
  return { files: holding, ids };
}
