// Finds rows by a value that is not their key. Indexes, raw files and files without entries give the keys and moments
// of rows that may have it. These rows are then looked up by key, so that of several copies the one that counts
// decides, and those that have the value are the answer.
import {
  indexType,
  keyColumn,
  tableColumns,
  eventIdColumn,
  type Column,
  type IndexedColumn,
} from '@sluice/event-schema';
import { Problem } from '@sluice/lambda-http';
import {
  filesToken,
  indexEntryName,
  isIndexed,
  compareUtf8,
  keyOfIndexEntry,
  keyText,
  type KeyText,
} from '@sluice/lake-layout';
import { sizeText } from '@sluice/values/figures';
import type { Candidate } from './candidate-files';
import type { DayFiles } from './day-files';
import { EarlyReads } from './early-reads';
import { compactedLakeFile, rawLakeFile } from './lake-file';
import type { FileReport } from './open-file';
import {
  searchDays,
  searchFiles,
  withFreshDays,
  type DayReport,
  type FoundRows,
  type LakeReaders,
} from './find-rows';
import { hasSpellings, keyValueOf, type KeyValue } from './key-value';
import { compareMoments, type FoundRow, type Position, type RowOrder } from './row-collector';
import type { RowQuery, ValueQuery } from './row-query';
import { readGroups, readPlaces } from './value-places';

/** Largest total size in bytes of the compacted files without entries that one look-up by value reads. */
export const maxScannedBytes = 64 << 20;

/** A search that begins before the files of the days are known. */
export interface ValueSearch {
  /** Finds as many rows of a value as are wanted, in the order of answers. @throws Problem where too much of the table is not indexed */
  find(query: ValueQuery, days: readonly DayFiles[]): Promise<FoundRows>;
}

/**
 * Begins a search while the files of its days are being requested. For known days it reads index entries of the files
 * as they were last seen; for unknown days it reads where their rows are. Early reads only save waiting; the search
 * itself decides.
 */
export function beginValueSearch(
  query: Omit<ValueQuery, 'isHidden'>,
  readers: LakeReaders,
): ValueSearch {
  const early = new EarlyReads(readers.store);
  const ahead: LakeReaders = { ...readers, store: early.ahead };
  const { dates, table } = query;
  const known = dates.flatMap((date) => readers.dayFiles.lastKnown(table, date) ?? []);
  const entries =
    known.length > 0 ? searchIndexes(query, wantedRows(query), known, ahead) : undefined;
  if (entries) inBackground(readRows(entries, query, known, ahead));
  const places = readPlaces(query, ahead);
  return {
    find(found, days) {
      inBackground(places.then((ofDays) => readGroups(ofDays, found, days, ahead)));
      return withFreshDays(found, days, readers, (current) =>
        search(found, current, {
          readers: { ...readers, store: early },
          ahead,
          ...(entries && { early: { entries, files: indexToken(known, query.index) } }),
        }),
      );
    },
  };
}

/** Reads the rows of entries from compacted files. */
async function readRows(
  entries: Promise<Hints>,
  query: Omit<ValueQuery, 'isHidden'>,
  days: readonly DayFiles[],
  readers: LakeReaders,
): Promise<void> {
  const { hints } = await entries;
  const compacted = days.map((day) => ({ ...day, raw: [] }));
  await searchDays({ ...rowsAt(hints, query), besideRawFiles: true }, compacted, readers);
}

/** Lets work continue of which only the bytes that it reads are needed. */
function inBackground(work: Promise<unknown>): void {
  work.catch(() => undefined);
}

const wantedRows = ({ onlyFirst, maxRows }: Pick<ValueQuery, 'onlyFirst' | 'maxRows'>): number =>
  onlyFirst ? 1 : maxRows;

/** Factor by which more rows are examined after too few of the previous ones had the value. */
const growth = 4;
const minHints = 32;

interface SearchReaders {
  readonly readers: LakeReaders;
  /** Readers for early reads. */
  readonly ahead: LakeReaders;
  /** The first entries of the indexes, as the days were last read. */
  readonly early?: EarlyEntries;
}

interface EarlyEntries {
  readonly entries: Promise<Hints>;
  /** Token of the index files that were searched. */
  readonly files: string;
}

/** Returns a token that is equal where the index of the same days has the same files. */
const indexToken = (days: readonly DayFiles[], index: IndexedColumn): string =>
  days.map((day) => `${day.date} ${filesToken(indexFiles(day, index).compacted)}`).join();

async function search(
  query: ValueQuery,
  days: readonly DayFiles[],
  { early, ...readers }: SearchReaders,
): Promise<FoundRows> {
  refuseLargeScan(query, days);
  const { order } = query;
  const wanted = wantedRows(query);
  const found: FoundRow[] = [];
  const isAsEarly = early?.files === indexToken(days, query.index);
  // An early search that failed, perhaps because it was cancelled, is repeated.
  let entries = isAsEarly ? early.entries.catch(() => undefined) : undefined;
  let reports: readonly DayReport[] = [];
  let { after } = query;
  let count = wanted;
  for (;;) {
    const { hints, bound, read } = await findHints({ ...query, after }, count, days, {
      ...readers,
      entries,
    });
    entries = undefined;
    const { rows, days: ofRows } = await searchDays(rowsAt(hints, query), days, readers.readers);
    const placed = rows
      .map((row) => placedByValue(row, query))
      .filter((row) => isAfter(row, after, order) && (!bound || isBefore(row, bound, order)))
      .sort((a, b) => comparePlaces(a, b, order));
    found.push(...placed);
    reports = added(added(reports, read), ofRows);
    if (found.length >= wanted || !bound) break;
    const last = placed.at(-1);
    count = last ? Math.max(minHints, growth * (wanted - found.length)) : count * growth;
    after = last ?? after;
  }
  return { rows: found.slice(0, wanted), days: reports };
}

/** A row that may have the value. */
interface Hint extends Position {
  /** Key of the row. */
  readonly rowKey: KeyText;
}

/** Position before which all hints are known, exclusive. Without a token it is before all rows of the moment. */
interface Bound {
  readonly moment: bigint;
  readonly rowToken?: string;
}

async function findHints(
  query: ValueQuery,
  count: number,
  days: readonly DayFiles[],
  {
    readers,
    ahead,
    entries: found,
  }: Omit<SearchReaders, 'early'> & { readonly entries: Promise<Hints | undefined> | undefined },
): Promise<Hints> {
  const search = (): Promise<Hints> => searchIndexes(query, count, days, readers);
  const entries = found?.then((hints) => hints ?? search()) ?? search();
  // While raw files are fetched, the rows of the entries are fetched as well.
  if (!found && readers.files.mustFetch(days.flatMap(({ raw }) => raw)))
    inBackground(readRows(entries, query, days, ahead));
  const [indexed, scanned] = await Promise.all([entries, scanFiles(query, count, days, readers)]);
  const { order } = query;
  const bounds = [indexed.bound, scanned.bound].filter((bound) => bound !== undefined);
  const [bound] = bounds.sort((a, b) => compareBounds(a, b, order));
  const hints = [...indexed.hints, ...scanned.hints].filter(
    (hint) => !bound || isBefore(hint, bound, order),
  );
  return { hints, bound, read: added(indexed.read, scanned.read) };
}

interface Hints {
  readonly hints: readonly Hint[];
  readonly bound: Bound | undefined;
  readonly read: readonly DayReport[];
}

async function searchIndexes(
  query: Omit<ValueQuery, 'isHidden'>,
  count: number,
  days: readonly DayFiles[],
  readers: LakeReaders,
): Promise<Hints> {
  const { index, eventType, after, order } = query;
  const type = indexType(eventType, index);
  const { rows, days: read } = await searchDays(
    {
      ...query,
      eventType: type,
      keyColumn: keyColumn(type),
      keys: [index.value],
      columns: [eventIdColumn],
      tableColumns: tableColumns(type),
      onlyFirst: false,
      maxRows: count + 1,
      after: after && entryAfter(after, order),
    },
    days.map((day) => indexFiles(day, index)),
    readers,
  );
  const last = rows.length > count ? rows.at(-1) : undefined;
  return {
    hints: rows.flatMap((row) => {
      const rowKey = keyOfIndexEntry(row.rowToken.slice(1));
      return rowKey === undefined ? [] : [{ ...row, rowKey }];
    }),
    bound: last && { moment: last.moment, rowToken: last.rowToken },
    read,
  };
}

/**
 * Returns the files of a day's index as if they were those of a table. Their entries are examined one by one,
 * whatever copies there are.
 */
function indexFiles({ date, indexes, sealed }: DayFiles, { path }: IndexedColumn): DayFiles {
  const index = indexes.find((each) => each.path === path);
  const files = index?.files ?? [];
  const filter = index?.valueFilter;
  return {
    date,
    compacted: files,
    raw: [],
    sealed: true,
    indexes: [],
    ...(sealed && filter?.of === filesToken(files) && { keyFilter: filter }),
  };
}

/** Reads raw files, and compacted ones without entries, for the value itself. */
async function scanFiles(
  query: ValueQuery,
  count: number,
  days: readonly DayFiles[],
  readers: LakeReaders,
): Promise<Hints> {
  const { index, eventType, after, order, window } = query;
  const candidates = days.flatMap((day) => scannedFiles(day, index));
  if (candidates.length === 0) return { hints: [], bound: undefined, read: [] };
  const key = keyColumn(eventType);
  const fromAfter =
    after && (order === 'asc' ? { since: after.moment } : { until: after.moment + 1n });
  const { rows, sources } = await searchFiles(
    {
      ...query,
      keyColumn: index.column,
      keys: [index.value],
      inLowerCase: hasSpellings(index.column),
      columns: [key],
      onlyFirst: false,
      maxRows: count + 1,
      window: { ...window, ...fromAfter },
      after: undefined,
    },
    candidates.map((candidate) => ({ ...candidate, keys: [index.value] })),
    readers,
  );
  const last = rows.length > count ? rows.at(-1) : undefined;
  return {
    hints: rows.flatMap(({ cells: [cell = null], moment, keyText: value, rowToken }) => {
      if (cell === null || Array.isArray(cell)) return [];
      const rowKey = keyText(cell as KeyValue, key.type);
      return [{ keyText: value, moment, rowToken: placeToken(rowKey, rowToken), rowKey }];
    }),
    // Rows of one moment are in another order there.
    bound: last && { moment: last.moment },
    read: days.map(({ date, sealed }) => ({
      date,
      sealed,
      compactedFiles: 0,
      rawFiles: 0,
      prunedFiles: 0,
      readFiles: sources
        .filter((source) => source.date === date)
        .map(({ open }): FileReport => open.report()),
    })),
  };
}

function scannedFiles(
  { date, compacted, raw, indexes }: DayFiles,
  { path }: IndexedColumn,
): readonly Omit<Candidate, 'keys'>[] {
  const files = [
    ...compacted
      .filter((file) => !isIndexed(file, path, { indexes }))
      .map((file) => {
        const { key, bytes, etag, footerBytes, footerCrc32 } = compactedLakeFile(file);
        return {
          key,
          bytes,
          etag,
          ...(footerBytes !== undefined && { footerBytes }),
          ...(footerCrc32 !== undefined && { footerCrc32 }),
        };
      }),
    ...raw.map(rawLakeFile),
  ];
  // Copies are resolved when the rows are looked up by their keys.
  return files.map((file) => ({ date, file, copySet: 'scanned' }));
}

function refuseLargeScan({ index: { path }, table }: ValueQuery, days: readonly DayFiles[]): void {
  const unindexed = days.flatMap(({ date, compacted, indexes }) => {
    const files = compacted.filter((file) => !isIndexed(file, path, { indexes }));
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return bytes > 0 ? [{ date, bytes }] : [];
  });
  const bytes = unindexed.reduce((sum, day) => sum + day.bytes, 0);
  if (bytes <= maxScannedBytes) return;
  throw new Problem(
    409,
    `${sizeText(bytes)} of ${table} have no index by "${path}" yet, from ${unindexed.map(({ date }) => date).sort()[0] ?? ''} on; ` +
      `ask for fewer days, or build the index: npm run lake -- reindex --event ${table}`,
  );
}

/** Returns the query for the rows themselves, at exactly their moments. */
function rowsAt(hints: readonly Hint[], query: Omit<ValueQuery, 'isHidden'>): RowQuery {
  const { index, eventType, columns } = query;
  const key = keyColumn(eventType);
  const places = new Map<KeyText, bigint[]>();
  const keys = new Map<KeyText, KeyValue>();
  for (const { rowKey, moment } of hints) {
    const value = keyValueOf(rowKey, key);
    if (value === undefined) continue;
    const text = keyText(value, key.type);
    keys.set(text, value);
    const moments = places.get(text);
    if (moments) moments.push(moment);
    else places.set(text, [moment]);
  }
  for (const moments of places.values()) moments.sort(compareMoments);
  const valueAt = columns.length;
  const wanted = textOf(index.value, index.column);
  return {
    ...query,
    keyColumn: key,
    keys: [...keys.values()],
    columns: [...columns, index.column],
    places,
    window: {},
    onlyFirst: false,
    maxRows: Infinity,
    after: undefined,
    inLowerCase: hasSpellings(key),
    isWanted: ({ cells }) => {
      const cell = cells[valueAt] ?? null;
      return cell !== null && textOf(cell as KeyValue, index.column) === wanted;
    },
  };
}

/** Returns a value's text, the same for every spelling of the value. */
function textOf(value: KeyValue, column: Column): KeyText {
  const text = keyText(value, column.type);
  return hasSpellings(column) ? text.toLowerCase() : text;
}

/** Returns a row with its position among the rows of its value. */
function placedByValue(row: FoundRow, { index, columns }: ValueQuery): FoundRow {
  return {
    ...row,
    keyText: textOf(index.value, index.column),
    rowToken: placeToken(row.keyText, row.rowToken),
    cells: row.cells.slice(0, columns.length),
  };
}

/**
 * Returns a token that distinguishes rows of one value and moment: the same as in the index, where the row has an
 * `event_id`.
 */
const placeToken = (rowKey: KeyText, rowToken: string): string =>
  rowToken.startsWith('e')
    ? `e${indexEntryName(rowKey, rowToken.slice(1), 0n)}`
    : `e${rowKey.length}:${rowKey}${rowToken}`;

/**
 * Returns the position at which entries continue. An entry of rows without an `event_id` is repeated, because it
 * stands for all such rows of its moment.
 */
function entryAfter(after: Position, order: RowOrder): Position {
  const name = after.rowToken.slice(1);
  const rowKey = keyOfIndexEntry(name);
  if (rowKey === undefined) return after;
  const prefix = `${rowKey.length}:${rowKey}n`;
  if (!name.startsWith(prefix)) return after;
  return { ...after, rowToken: `e${prefix}${order === 'asc' ? '' : '\uffff'}` };
}

function comparePlaces(a: Position, b: Position, order: RowOrder): number {
  const direction = order === 'asc' ? 1 : -1;
  return direction * (compareMoments(a.moment, b.moment) || compareUtf8(a.rowToken, b.rowToken));
}

const isAfter = (place: Position, after: Position | undefined, order: RowOrder): boolean =>
  !after || comparePlaces(place, after, order) > 0;

function isBefore(place: Position, { moment, rowToken }: Bound, order: RowOrder): boolean {
  const direction = order === 'asc' ? 1 : -1;
  const byMoment = direction * compareMoments(place.moment, moment);
  if (byMoment !== 0) return byMoment < 0;
  return rowToken !== undefined && direction * compareUtf8(place.rowToken, rowToken) < 0;
}

function compareBounds(a: Bound, b: Bound, order: RowOrder): number {
  const direction = order === 'asc' ? 1 : -1;
  const byMoment = direction * compareMoments(a.moment, b.moment);
  if (byMoment !== 0) return byMoment;
  if (a.rowToken === undefined || b.rowToken === undefined)
    return Number(a.rowToken !== undefined) - Number(b.rowToken !== undefined);
  return direction * compareUtf8(a.rowToken, b.rowToken);
}

/** Adds up the reports of each day. */
function added(reports: readonly DayReport[], others: readonly DayReport[]): readonly DayReport[] {
  if (reports.length === 0) return others;
  return reports.map((report) => {
    const other = others.find(({ date }) => date === report.date);
    return other
      ? {
          ...report,
          ...(other.compactedFiles + other.rawFiles > 0 && {
            sealed: other.sealed,
            compactedFiles: other.compactedFiles,
            rawFiles: other.rawFiles,
            prunedFiles: other.prunedFiles,
          }),
          readFiles: [...report.readFiles, ...other.readFiles],
        }
      : report;
  });
}
