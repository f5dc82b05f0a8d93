// Reads everything that a lake holds about one person, a page at a time.
import { tableName } from '@sluice/event-schema';
import {
  dateOfKey,
  isRawFile,
  manifestPrefix,
  rawTablePrefix,
  type LakeDate,
  type ObjectInfo,
} from '@sluice/lake-layout';
import pMap from 'p-map';
import { readDay } from './day-of-person';
import { addFailedRecords } from './failed-records-of-person';
import { Page, type SubjectPage } from './page';
import { addReferenceRows } from './reference-rows-of-person';
import type { SubjectPageOptions } from './page-options';
import { searchedTable, type SearchedTable } from './searched-table';
import type { RowsCursor, SubjectCursor } from './subject-cursor';

/** Number of days that are read at the same time, at most. */
const maxDays = 16;
/** Milliseconds within which a batch of days must be read for the next batch to have more days. */
const quickMs = 2_000;

/**
 * Reads the rows and the failed records that name a person, over some event types: the days in their order, then the
 * error output, table by table; last the rows of reference tables. Rows come in order of arrival, each event once.
 * What the ledger of erased people hides is left out.
 *
 * @example
 * import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
 * import { matchEvent } from '@sluice/event-types';
 * import { ndjsonLines, readSubjectPage } from '@sluice/stored-people';
 * const page = await readSubjectPage({
 *   store: s3ObjectStore({ client: s3Client(), bucket: 'my-lake' }),
 *   eventTypes: [matchEvent],
 *   subject: 'ada@example.org',
 *   readLedgerKeys: () => Promise.reject(new Error('nobody is erased')),
 *   lines: ndjsonLines(),
 *   maxLines: 1_000,
 *   maxBytes: 1_000_000,
 *   deadlineMs: Date.now() + 10_000,
 *   now: Date.now,
 * });
 *
 * @throws ErasureError where an event type has no subject, or its hashes can't be made
 * @throws UnreadableFileError where a file is damaged: an answer without its rows would look whole
 */
export async function readSubjectPage(options: SubjectPageOptions): Promise<SubjectPage> {
  const page = new Page(options);
  const { eventTypes, references = [] } = options;
  const inReference = options.from && 'reference' in options.from ? options.from : undefined;
  const from = options.from && 'table' in options.from ? options.from : undefined;
  const first = from ? eventTypes.findIndex((one) => tableName(one) === from.table) : 0;
  for (const eventType of first < 0 || inReference ? [] : eventTypes.slice(first)) {
    const table = await searchedTable(eventType, options);
    const begins = from?.table === table.name ? from : undefined;
    const errors = begins && 'errors' in begins ? begins : undefined;
    const next =
      (errors ? undefined : await addRows(page, table, begins, options)) ??
      (await addFailedRecords(page, table, errors, options));
    if (next) return page.ended(next);
  }
  const firstReference = inReference
    ? references.findIndex(({ name }) => name === inReference.reference)
    : 0;
  for (const reference of firstReference < 0 ? [] : references.slice(firstReference)) {
    const begins = inReference?.reference === reference.name ? inReference : undefined;
    const next = await addReferenceRows(page, reference, begins, options);
    if (next) return page.ended(next);
  }
  return page.ended(undefined);
}

/** Adds the rows of a table. @returns where the next page begins; undefined where all were added */
async function addRows(
  page: Page,
  table: SearchedTable,
  from: RowsCursor | undefined,
  options: SubjectPageOptions,
): Promise<SubjectCursor | undefined> {
  const { now } = options;
  const raw = await filesByDay(options.store, table.name);
  const left = [...raw.keys()].filter((date) => isLeft(date, from)).sort();
  const counts = page.countsOf(table.name);
  let width = 4;
  let next: RowsCursor = from ?? { table: table.name };
  for (let at = 0; at < left.length;) {
    if (page.mustEnd) return next;
    const beganMs = now();
    const days = await pMap(left.slice(at, at + width), (date) =>
      readDay(table, date, {
        ...options,
        raw: raw.get(date) ?? [],
        after: date === from?.date ? from.after : undefined,
      }),
    );
    for (const { date, rows, hasMore } of days) {
      for (const { position, line } of rows) {
        if (!page.add(line)) return next;
        counts.rows++;
        next = { table: table.name, date, after: position };
      }
      if (hasMore) return next;
      next = { table: table.name, date };
    }
    page.worked();
    at += width;
    width = now() - beganMs < quickMs ? Math.min(width * 2, maxDays) : Math.max(width >> 1, 1);
  }
  return undefined;
}

const isLeft = (date: LakeDate, { date: given, after }: Partial<RowsCursor> = {}): boolean =>
  given === undefined || date > given || (date === given && after !== undefined);

/** Returns the days of a table, each with its raw files. */
async function filesByDay(
  store: SubjectPageOptions['store'],
  table: string,
): Promise<ReadonlyMap<LakeDate, readonly ObjectInfo[]>> {
  const days = new Map<LakeDate, ObjectInfo[]>();
  const filesOf = (date: LakeDate): ObjectInfo[] => {
    const files = days.get(date) ?? [];
    days.set(date, files);
    return files;
  };
  for await (const { key } of store.list(manifestPrefix(table))) {
    const date = dateOfKey(key);
    if (date !== undefined) filesOf(date);
  }
  for await (const file of store.list(rawTablePrefix(table))) {
    const date = dateOfKey(file.key);
    if (date !== undefined && isRawFile(file)) filesOf(date).push(file);
  }
  return days;
}
