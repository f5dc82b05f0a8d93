import { keyOrder } from '@sluice/lake-layout';
import type { Candidate } from './candidate-files';
import { CopyLog } from './copy-log';
import type { GroupTask } from './group-tasks';
import type { OpenFile } from './open-file';
import { hasSpellings } from './key-value';
import { isWithin, mayBeWithin } from './moments';
import {
  positionOrder,
  RowCollector,
  type FoundRow,
  type Position,
  type PositionOrder,
} from './row-collector';
import type { RowQuery } from './row-query';

/**
 * Number of row groups up to which all are read at once where copies of events may be in several files, because
 * another round trip takes longer.
 */
const maxGroupsAtOnce = 64;
/** Factor by which more rows are read at once after a first read that did not find enough. */
const readGrowth = 16;

/** A candidate that is open. */
export interface Source extends Candidate {
  readonly open: OpenFile;
  /** All wanted rows, if they were read as soon as the file was open. */
  readonly rows?: readonly FoundRow[];
}

/** A row group that may be read. */
export interface Pending {
  readonly source: Source;
  readonly task: GroupTask;
}

/** Reads row groups for a search. */
export interface Reads {
  /** Reads the wanted rows of row groups. */
  rows(reads: readonly Pending[], add: (row: FoundRow) => void): Promise<void>;
  /** Reads of which events row groups hold copies. */
  copies(
    reads: readonly Pending[],
    add: (copy: Position & Pick<FoundRow, 'ingestedAtMicros'>) => void,
  ): Promise<void>;
}

/**
 * Finds the first rows in the order of answers with as few row groups as possible: repeatedly reads the remaining row
 * groups whose moments come first, until no unread one can contain any of these rows.
 */
export class RowGroupSearch {
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
    this.#hasCopies = query.besideRawFiles === true || sets.has(undefined) || sets.size > 1;
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
