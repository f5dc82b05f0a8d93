import { setMaxListeners } from 'node:events';
import pMap from 'p-map';
import { isReplaced, type LakeDate, type ObjectStore } from '@sluice/lake-layout';
import { candidateFiles, type Candidate } from './candidate-files';
import type { DayFiles, DayFilesReader } from './day-files';
import type { FileReader } from './file-reader';
import type { GroupTask } from './group-tasks';
import type { FileReport } from './open-file';
import type { KeyFilters } from './key-filters';
import type { FoundRow } from './row-collector';
import { RowGroupSearch, type Pending, type Source } from './row-group-search';
import type { RowQuery } from './row-query';

/** The work done for one day, for `explain`. */
export interface DayReport {
  readonly date: LakeDate;
  readonly sealed: boolean;
  readonly compactedFiles: number;
  readonly rawFiles: number;
  /** Number of files that are skipped because their key or moment bounds exclude the rows. */
  readonly prunedFiles: number;
  readonly readFiles: readonly FileReport[];
}

export interface FoundRows {
  /** Rows, each event once, in the order of {@link Position}. */
  readonly rows: readonly FoundRow[];
  readonly days: readonly DayReport[];
}

export interface LakeReaders {
  readonly store: Pick<ObjectStore, 'list' | 'get'>;
  readonly dayFiles: DayFilesReader;
  readonly files: FileReader;
  readonly filters: KeyFilters;
}

/** Largest number of files read at the same time, of all days together. */
const maxParallelFiles = 32;
/** Largest number of bytes of all files that are read at the same time. */
const maxBytesInFlight = 32 << 20;
/** Largest number of attempts for days whose files disappear while they are read. */
const maxAttempts = 4;
/** Number of row groups up to which a file is read as soon as it is open, while raw files are still being fetched. */
const maxGroupsAhead = 4;

/** Finds the files of all days at the same time. */
export const findDays = (
  { table, dates }: Pick<RowQuery, 'table' | 'dates'>,
  { store, dayFiles }: LakeReaders,
): Promise<readonly DayFiles[]> =>
  Promise.all(dates.map((date) => dayFiles.read(store, table, date)));

/** Reads the rows from the days' files. Days whose files disappear in the meantime are searched again. */
export const findRows = (
  query: RowQuery,
  days: readonly DayFiles[],
  readers: LakeReaders,
): Promise<FoundRows> =>
  withFreshDays(query, days, readers, (current) => searchDays(query, current, readers));

/** Searches days, and repeats those whose files disappear meanwhile. */
export async function withFreshDays<T>(
  query: Pick<RowQuery, 'table'>,
  days: readonly DayFiles[],
  readers: LakeReaders,
  search: (days: readonly DayFiles[]) => Promise<T>,
): Promise<T> {
  let current = days;
  for (let attempt = 1; ; attempt++)
    try {
      return await search(current);
    } catch (error) {
      if (!(error instanceof StaleDayError)) throw error;
      if (attempt === maxAttempts) throw error.cause;
      readers.dayFiles.forget(query.table, error.date);
      const [found] = await findDays({ table: query.table, dates: [error.date] }, readers);
      current = current.map((day) => (found && day.date === error.date ? found : day));
    }
}

/** Error for a day of which compaction replaced a file between listing and reading. */
class StaleDayError extends Error {
  override readonly name = 'StaleDayError';
  constructor(
    readonly date: LakeDate,
    cause: unknown,
  ) {
    super(`a file of ${date} is gone`, { cause });
  }
}

/** Reads the rows from the days' files, or throws where one of them vanished. */
export async function searchDays(
  query: RowQuery,
  days: readonly DayFiles[],
  readers: LakeReaders,
): Promise<FoundRows> {
  const { store, filters } = readers;
  const byDay = days.map((day) => {
    const keys = filters.keysOfDay(day, query.keys, query.keyColumn);
    return { day, candidates: candidateFiles({ ...query, keys }, day) };
  });
  // In parallel to the rows, because these filters are for the next look-up.
  const read = byDay.filter((each) => each.candidates.length > 0).map(({ day }) => day);
  const abort = new AbortController();
  // Every request in flight listens; Node takes more than ten for a leak and writes a warning to the log.
  setMaxListeners(Infinity, abort.signal);
  const filtersFetched = filters.fetchFor(read, store, abort.signal);
  try {
    const candidates = byDay.flatMap((each) => each.candidates);
    const { rows, sources } = await searchFiles(query, candidates, readers);
    return { rows, days: days.map((day) => dayReport(day, sources)) };
  } catch (error) {
    abort.abort();
    throw error;
  } finally {
    await filtersFetched;
  }
}

/** Reads the rows from files. */
export async function searchFiles(
  query: RowQuery,
  candidates: readonly Candidate[],
  { store, files }: LakeReaders,
): Promise<{ readonly rows: readonly FoundRow[]; readonly sources: readonly Source[] }> {
  const parallel = Math.min(maxParallelFiles, Math.max(1, candidates.length));
  const hasRawFiles =
    query.besideRawFiles === true || candidates.some(({ copySet }) => copySet === undefined);
  const abort = new AbortController();
  // Every request in flight adds a listener; Node takes more than ten for a leak and logs a warning.
  setMaxListeners(Infinity, abort.signal);
  const options = {
    maxBytesInFlight: Math.floor(maxBytesInFlight / parallel),
    signal: abort.signal,
  };
  const each = async <T, R>(
    items: readonly T[],
    dateOf: (item: T) => LakeDate,
    work: (item: T) => Promise<R>,
  ): Promise<readonly R[]> =>
    pMap(
      items,
      async (item) => {
        try {
          return await work(item);
        } catch (error) {
          throw isReplaced(error) ? new StaleDayError(dateOf(item), error) : error;
        }
      },
      { concurrency: parallel },
    );
  try {
    const sources = await each(
      candidates,
      ({ date }) => date,
      async (candidate): Promise<Source> => {
        const open = await files.open(
          store,
          candidate.file,
          { ...query, keys: candidate.keys },
          options,
        );
        if (!hasRawFiles || open.tasks.length > maxGroupsAhead) return { ...candidate, open };
        const rows: FoundRow[] = [];
        await open.read(open.tasks, (row) => rows.push(row), options);
        return { ...candidate, open, rows };
      },
    );
    const readAll = async (
      reads: readonly Pending[],
      read: (source: Source, tasks: readonly GroupTask[]) => Promise<void>,
    ): Promise<void> => {
      const bySource = new Map<Source, GroupTask[]>();
      for (const { source, task } of reads)
        bySource.set(source, [...(bySource.get(source) ?? []), task]);
      await each(
        [...bySource],
        ([{ date }]) => date,
        ([source, tasks]) => read(source, tasks),
      );
    };
    const rows = await new RowGroupSearch(query, sources).run({
      rows: (reads, add) =>
        readAll(reads, async ({ open, copySet, rows: known }, tasks) => {
          const use = (row: FoundRow): void => add({ ...row, copySet });
          if (known) known.forEach(use);
          else await open.read(tasks, use, options);
        }),
      copies: (reads, add) =>
        readAll(reads, ({ open }, tasks) => open.readCopies(tasks, add, options)),
    });
    return { rows, sources };
  } catch (error) {
    abort.abort();
    throw error;
  }
}

function dayReport(day: DayFiles, sources: readonly Source[]): DayReport {
  const read = sources.filter(({ date }) => date === day.date);
  return {
    date: day.date,
    sealed: day.sealed,
    compactedFiles: day.compacted.length,
    rawFiles: day.raw.length,
    prunedFiles: day.compacted.length + day.raw.length - read.length,
    readFiles: read.map(({ open }) => open.report()),
  };
}
