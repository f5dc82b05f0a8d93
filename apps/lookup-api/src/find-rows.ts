import { setMaxListeners } from 'node:events';
import pMap from 'p-map';
import {
  keyOrder,
  keyText,
  ObjectNotFoundError,
  PreconditionFailedError,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { DayFiles, DayFilesReader } from './day-files';
import {
  compactedLakeFile,
  rawLakeFile,
  type FileReader,
  type FileReport,
  type LakeFile,
} from './file-reader';
import type { KeyFilters } from './key-filters';
import { hasSpellings } from './key-value';
import { RowCollector, type FoundRow } from './row-collector';
import type { RowQuery } from './row-query';

/** What was done for one day, for `explain`. */
export interface DayReport {
  readonly date: LakeDate;
  readonly sealed: boolean;
  readonly compactedFiles: number;
  readonly rawFiles: number;
  /** Files whose smallest and largest key rule the keys out. */
  readonly prunedFiles: number;
  readonly readFiles: readonly FileReport[];
}

export interface FoundRows {
  /** Each event once, in the order of {@link Position}. */
  readonly rows: readonly FoundRow[];
  readonly days: readonly DayReport[];
}

export interface LakeReaders {
  readonly store: Pick<ObjectStore, 'list' | 'get'>;
  readonly dayFiles: DayFilesReader;
  readonly files: FileReader;
  readonly filters: KeyFilters;
}

/** Files read at once, of all days together. */
const maxParallelFiles = 32;
/** Bytes of all files that are read at once, together. */
const maxBytesInFlight = 32 << 20;
/** How often a day is begun anew because files vanished under the reader. */
const maxAttempts = 4;

/** The files of every day, all days at once. */
export const findDays = (
  { table, dates }: Pick<RowQuery, 'table' | 'dates'>,
  { store, dayFiles }: LakeReaders,
): Promise<readonly DayFiles[]> =>
  Promise.all(dates.map((date) => dayFiles.read(store, table, date)));

/** Reads the rows from the days' files. Days whose files vanish meanwhile are looked at anew. */
export async function findRows(
  query: RowQuery,
  days: readonly DayFiles[],
  readers: LakeReaders,
): Promise<FoundRows> {
  const done = new Map<LakeDate, DayRows>();
  let pending = days;
  for (let attempt = 1; pending.length > 0; attempt++) {
    const read = await readDays(query, pending, readers);
    for (const day of read.rows) done.set(day.report.date, day);
    const [fault] = read.faults;
    if (fault && attempt === maxAttempts) throw fault.error;
    const dates = read.faults.map(({ date }) => date);
    for (const date of dates) readers.dayFiles.forget(query.table, date);
    pending = await findDays({ table: query.table, dates }, readers);
  }
  const collector = newCollector(query);
  const found = days.flatMap(({ date }) => done.get(date) ?? []);
  for (const { rows } of found) for (const row of rows) collector.add(row);
  return { rows: collector.rows(), days: found.map(({ report }) => report) };
}

interface DayRows {
  readonly rows: readonly FoundRow[];
  readonly report: DayReport;
}

/** A day of which compaction replaced a file between the listing and the reading. */
interface StaleDay {
  readonly date: LakeDate;
  readonly error: unknown;
}

const isStale = (error: unknown): boolean =>
  error instanceof ObjectNotFoundError || error instanceof PreconditionFailedError;

const newCollector = ({ keyColumn, maxRows, after }: RowQuery): RowCollector =>
  new RowCollector(keyOrder(keyColumn.type), maxRows, after);

interface DayWork {
  readonly day: DayFiles;
  /** The query, with those of its keys that the day may hold. */
  readonly query: RowQuery;
  readonly files: readonly LakeFile[];
  readonly collector: RowCollector;
  readonly reports: FileReport[];
  error?: unknown;
}

async function readDays(
  query: RowQuery,
  days: readonly DayFiles[],
  { store, files: reader, filters }: LakeReaders,
): Promise<{ readonly rows: readonly DayRows[]; readonly faults: readonly StaleDay[] }> {
  const works = days.map((day): DayWork => {
    const keys = filters.keysOfDay(day, query.keys, query.keyColumn);
    const ofDay = { ...query, keys };
    return {
      day,
      query: ofDay,
      files: candidateFiles(ofDay, day),
      collector: newCollector(query),
      reports: [],
    };
  });
  const reads = works.flatMap((work) => work.files.map((file) => ({ work, file })));
  const parallel = Math.min(maxParallelFiles, Math.max(1, reads.length));
  const abort = new AbortController();
  // Every request in flight listens; Node takes more than ten for a leak and writes a warning to the log.
  setMaxListeners(Infinity, abort.signal);
  const options = {
    maxBytesInFlight: Math.floor(maxBytesInFlight / parallel),
    signal: abort.signal,
  };
  const read = works.filter(({ files }) => files.length > 0).map(({ day }) => day);
  // Beside the rows, so that nobody waits for filters: they are for the next look-up.
  const filtersFetched = filters.fetchFor(read, store, abort.signal);
  try {
    await pMap(
      reads,
      async ({ work, file }) => {
        if (work.error !== undefined) return;
        try {
          const add = (row: FoundRow): void => work.collector.add(row);
          work.reports.push(await reader.read(store, file, work.query, add, options));
        } catch (error) {
          if (!isStale(error)) throw error;
          work.error = error;
        }
      },
      { concurrency: parallel },
    );
  } catch (error) {
    abort.abort();
    throw error;
  } finally {
    await filtersFetched;
  }
  const stale = works.filter(({ error }) => error !== undefined);
  return {
    rows: works.filter((work) => !stale.includes(work)).map(dayRows),
    faults: stale.map(({ day: { date }, error }) => ({ date, error })),
  };
}

/** Raw files, and the compacted ones whose keys may be among the wanted. */
function candidateFiles({ keyColumn, keys }: RowQuery, day: DayFiles): readonly LakeFile[] {
  const order = keyOrder(keyColumn.type);
  const keyTexts = keys.map((key) => keyText(key, keyColumn.type));
  const inAnyCase = hasSpellings(keyColumn);
  const compacted = day.compacted.filter(({ minKey, maxKey, lowerCaseKeys = false }) =>
    keyTexts.some((key) => {
      // Upper case comes before lower case, so every spelling lies between the two.
      const first = inAnyCase && !lowerCaseKeys ? key.toUpperCase() : key;
      return order(minKey, key) <= 0 && order(first, maxKey) <= 0;
    }),
  );
  return [...compacted.map(compactedLakeFile), ...day.raw.map(rawLakeFile)];
}

const dayRows = ({ day, files, collector, reports }: DayWork): DayRows => ({
  rows: collector.rows(),
  report: {
    date: day.date,
    sealed: day.sealed,
    compactedFiles: day.compacted.length,
    rawFiles: day.raw.length,
    prunedFiles: day.compacted.length + day.raw.length - files.length,
    readFiles: reports,
  },
});
