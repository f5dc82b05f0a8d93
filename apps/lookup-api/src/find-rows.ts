import { setMaxListeners } from 'node:events';
import pMap from 'p-map';
import {
  keyOrder,
  keyText,
  ObjectNotFoundError,
  PreconditionFailedError,
  type CompactedFile,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import { CopyLog } from './copy-log';
import type { DayFiles, DayFilesReader } from './day-files';
import {
  compactedLakeFile,
  rawLakeFile,
  type FileReader,
  type FileReport,
  type GroupTask,
  type LakeFile,
  type OpenFile,
} from './file-reader';
import type { KeyFilters } from './key-filters';
import { hasSpellings } from './key-value';
import { boundsOfFile, isWithin, mayBeWithin } from './moments';
import {
  positionOrder,
  RowCollector,
  type FoundRow,
  type Position,
  type PositionOrder,
} from './row-collector';
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
/**
 * Number of row groups up to which all are read at once where copies of events may be in several files, because
 * another round trip takes longer.
 */
const maxGroupsAtOnce = 64;
/** Factor by which more rows are read at once after a first read that did not find enough. */
const readGrowth = 16;

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

/** Searches days, and looks those anew at whose files vanish meanwhile. */
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

const isStale = (error: unknown): boolean =>
  error instanceof ObjectNotFoundError || error instanceof PreconditionFailedError;

/** A file that may hold wanted rows. */
export interface Candidate {
  readonly date: LakeDate;
  /** The wanted keys that the file's day may hold. */
  readonly keys: RowQuery['keys'];
  readonly file: LakeFile;
  /**
   * Identifies a set of files in which each event occurs once: those of a sealed day, or those of one run. Undefined
   * for a raw file, which may hold an event twice.
   */
  readonly copySet: string | undefined;
}

export interface Source extends Candidate {
  readonly open: OpenFile;
  /** All wanted rows, if they were read as soon as the file was open. */
  readonly rows?: readonly FoundRow[];
}

interface Pending {
  readonly source: Source;
  readonly task: GroupTask;
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
  // Beside the rows, so that nobody waits for filters: they are for the next look-up.
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
  const hasRawFiles = candidates.some(({ copySet }) => copySet === undefined);
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
          throw isStale(error) ? new StaleDayError(dateOf(item), error) : error;
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
    const rows = await new Search(query, sources).run({
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

/** Returns the raw files, and the compacted files whose bounds include wanted keys and moments. */
function candidateFiles(query: RowQuery, day: DayFiles): readonly Candidate[] {
  const { keyColumn, keys, window } = query;
  const { date, sealed } = day;
  const order = keyOrder(keyColumn.type);
  const keyTexts = keys.map((key) => keyText(key, keyColumn.type));
  const inAnyCase = hasSpellings(keyColumn);
  const mayHoldKeys = ({ minKey, maxKey, lowerCaseKeys = false }: CompactedFile): boolean =>
    keyTexts.some((key) => {
      // Upper case sorts before lower case, so every spelling lies between the two.
      const first = inAnyCase && !lowerCaseKeys ? key.toUpperCase() : key;
      return order(minKey, key) <= 0 && order(first, maxKey) <= 0;
    });
  // On an unsealed day, a copy with another moment may be the one that counts.
  const mayHoldMoments = ({ moments }: CompactedFile): boolean =>
    !sealed || mayBeWithin(boundsOfFile(moments), window);
  return [
    ...day.compacted
      .filter((file) => mayHoldKeys(file) && mayHoldMoments(file))
      .map((file) => ({
        date,
        keys,
        file: compactedLakeFile(file),
        copySet: sealed ? 'sealed' : `${date} ${file.run}`,
      })),
    ...day.raw.map((file) => ({ date, keys, file: rawLakeFile(file), copySet: undefined })),
  ];
}

interface Reads {
  rows(reads: readonly Pending[], add: (row: FoundRow) => void): Promise<void>;
  copies(
    reads: readonly Pending[],
    add: (copy: Position & Pick<FoundRow, 'ingestedAtMicros'>) => void,
  ): Promise<void>;
}

/**
 * Finds the first rows in the order of answers with as few row groups as possible: repeatedly reads the remaining row
 * groups whose moments come first, until no unread one can contain any of these rows.
 */
class Search {
  readonly #query: RowQuery;
  readonly #compare: PositionOrder;
  readonly #tasks: readonly Pending[];
  /** True where copies of one event may have different moments in different files. */
  readonly #hasCopies: boolean;

  constructor(query: RowQuery, sources: readonly Source[]) {
    this.#query = query;
    this.#compare = positionOrder(keyOrder(query.keyColumn.type), query.order);
    this.#tasks = sources.flatMap((source) => source.open.tasks.map((task) => ({ source, task })));
    const sets = new Set(this.#tasks.map(({ source }) => source.copySet));
    this.#hasCopies = sets.has(undefined) || sets.size > 1;
  }

  async run(reads: Reads): Promise<readonly FoundRow[]> {
    const log = new CopyLog();
    for (;;) {
      const { rows, read } = await this.#collect(reads, log);
      if (!this.#hasCopies) return rows;
      await reads.copies(this.#unseenCopies(rows, read), (copy) => {
        log.add(copy);
      });
      // Rows that are hidden by a copy leave room for others.
      if (rows.every((row) => log.counts(row))) return rows;
    }
  }

  async #collect(
    reads: Reads,
    log: CopyLog,
  ): Promise<{
    readonly rows: readonly FoundRow[];
    readonly read: ReadonlySet<Pending>;
  }> {
    const { maxRows, after, onlyFirst, window, keys, isHidden } = this.#query;
    const collector = new RowCollector({
      compare: this.#compare,
      maxRows,
      onlyFirst,
      ...(after && { after }),
    });
    const add = (row: FoundRow): void => {
      if (this.#hasCopies) {
        log.add(row);
        if (!log.counts(row)) return;
      }
      const isWanted = isWithin(row.moment, window) && this.#isAsked(row) && !isHidden?.(row);
      if (isWanted) collector.add(row);
    };
    const read = new Set<Pending>();
    const isSmall = this.#tasks.length <= maxGroupsAtOnce;
    let pending = this.#hasCopies && isSmall ? this.#tasks : this.#tasks.filter(this.#isWanted);
    let wantedRows = onlyFirst ? keys.length : maxRows;
    if (this.#hasCopies && isSmall) wantedRows = Infinity;
    for (;;) {
      const next = this.#firstOf(
        pending.filter(({ task }) => this.#mayShow(task, collector)),
        wantedRows,
      );
      if (next.length === 0) break;
      await reads.rows(next, add);
      for (const each of next) read.add(each);
      pending = pending.filter((each) => !read.has(each));
      wantedRows *= readGrowth;
    }
    return { rows: collector.rows(), read };
  }

  #isAsked(row: FoundRow): boolean {
    const { places, isWanted } = this.#query;
    if (places && !hasMoment(places.get(row.keyText), row.moment, row.moment)) return false;
    return isWanted?.(row) ?? true;
  }

  /** Decides whether a row group has wanted moments, and rows after those of earlier pages. */
  readonly #isWanted = ({ task: { bounds, keys } }: Pending): boolean => {
    const { window, after, order, keyColumn, places } = this.#query;
    if (!mayBeWithin(bounds, window)) return false;
    if (places && bounds)
      if (!keys.some((key) => hasMoment(places.get(key), bounds.first, bounds.last))) return false;
    const lastKey = keys.at(-1);
    if (!after || lastKey === undefined) return true;
    const toAfter = keyOrder(keyColumn.type)(lastKey, after.keyText);
    if (toAfter !== 0) return toAfter > 0;
    if (!bounds) return true;
    return order === 'asc' ? bounds.last >= after.moment : bounds.first <= after.moment;
  };

  #mayShow(task: GroupTask, collector: RowCollector): boolean {
    const moment = this.#firstMoment(task);
    const keys = this.#query.onlyFirst ? task.keys : task.keys.slice(0, 1);
    return moment === undefined || keys.some((key) => collector.takes({ keyText: key, moment }));
  }

  /** Returns the earliest moment, in the order of answers, with which a row group may begin. */
  #firstMoment({ bounds }: GroupTask): bigint | undefined {
    return this.#query.order === 'asc' ? bounds?.first : bounds?.last;
  }

  /** Returns the first row groups in the order of answers, as many as certainly contain the given number of rows. */
  #firstOf(pending: readonly Pending[], wantedRows: number): readonly Pending[] {
    const sorted = [...pending].sort((a, b) => this.#compareTasks(a.task, b.task));
    const first: Pending[] = [];
    let rows = 0;
    for (const each of sorted) {
      if (rows >= wantedRows) break;
      first.push(each);
      rows += this.#sureRows(each.task);
    }
    return first;
  }

  #compareTasks(a: GroupTask, b: GroupTask): number {
    const [left, right] = [this.#firstMoment(a), this.#firstMoment(b)];
    if (left === undefined || right === undefined)
      return Number(left !== undefined) - Number(right !== undefined);
    const at = (keys: readonly string[], moment: bigint): Position => ({
      keyText: keys[0] ?? '',
      moment,
      rowToken: '',
    });
    // Within one file and moment, the row group that comes first in this order.
    const direction = this.#query.order === 'asc' ? 1 : -1;
    return (
      this.#compare(at(a.keys, left), at(b.keys, right)) ||
      direction * (a.read.group - b.read.group)
    );
  }

  /** Returns the number of rows of a row group that are certainly wanted. */
  #sureRows({ bounds, sureRows }: GroupTask): number {
    const { window, after } = this.#query;
    if (!bounds) return 0;
    const isWhole =
      isWithin(bounds.first, window) &&
      isWithin(bounds.last, window) &&
      (!after || bounds.first > after.moment || bounds.last < after.moment);
    return isWhole ? sureRows : 0;
  }

  /** Returns the unread row groups that may hold a copy of a row that was found elsewhere. */
  #unseenCopies(rows: readonly FoundRow[], read: ReadonlySet<Pending>): readonly Pending[] {
    const keys = new Set(rows.map(({ keyText: key }) => key));
    const sets = new Set(rows.map(({ copySet }) => copySet));
    const [only] = sets.size === 1 ? sets : [];
    const inAnyCase = hasSpellings(this.#query.keyColumn);
    return this.#tasks.filter(
      (each) =>
        !read.has(each) &&
        (only === undefined || each.source.copySet !== only) &&
        (inAnyCase || each.task.keys.some((key) => keys.has(key))),
    );
  }
}

/** Decides whether one of some ascending moments lies within bounds, both inclusive. */
function hasMoment(moments: readonly bigint[] = [], first: bigint, last: bigint): boolean {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] ?? 0n) < first) low = middle + 1;
    else high = middle;
  }
  const next = moments[low];
  return next !== undefined && next <= last;
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
