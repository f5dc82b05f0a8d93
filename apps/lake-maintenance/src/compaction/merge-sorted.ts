import type { EventType } from '@sluice/event-schema';
import type { Table } from 'apache-arrow';
import { RowSet, type CountedCopies } from './row-set';

/** Rows in ascending order, each event once, one block at a time. */
export type SortedBlocks = AsyncIterator<Table>;

/** Rows for one file. */
export interface MergedPart {
  readonly rows: RowSet;
  /** Positions of the rows in their order. */
  readonly order: Uint32Array;
  /** Position of the next row, with which the next part begins; undefined after the last. */
  readonly next: number | undefined;
}

export interface MergeOptions {
  readonly eventType: EventType;
  /** Approximate number of rows in a part. */
  readonly partRows: number;
  /**
   * Finds out which copies count, of events that have several, for a key whose rows are too many to be held together.
   *
   * @param key position of a row with this key in `rows`
   */
  readonly countedCopies: (rows: RowSet, key: number) => Promise<CountedCopies>;
}

interface Source {
  readonly blocks: SortedBlocks;
  /** Position of the last row that was read from the source; -1 before the first. */
  last: number;
  blockRows: number;
  done: boolean;
}

/**
 * Merges sorted sources into parts whose keys don't overlap, unless a key has more rows than a part. Of the copies of
 * an event, the one that was ingested first is kept, even if the others have other moments.
 *
 * Memory holds the rows of about two parts, and one block of each source, however many rows there are in all.
 */
export async function* mergeSorted(
  blocks: readonly SortedBlocks[],
  { eventType, partRows, countedCopies }: MergeOptions,
): AsyncGenerator<MergedPart> {
  const sources: Source[] = blocks.map((each) => ({
    blocks: each,
    last: -1,
    blockRows: 0,
    done: false,
  }));
  let window = new RowSet(eventType);
  /** Counted copies of the key with which the window begins, if the previous part ended inside that key. */
  let counted: CountedCopies | undefined;
  for (;;) {
    await fill(window, sources, lastPartRows(partRows));
    const order = window.positions();
    const open = sources.filter(({ done }) => !done);
    if (open.length === 0 && order.length <= lastPartRows(partRows)) {
      const kept = window.withoutCopies(order, counted ? [{ key: order[0] ?? 0, counted }] : []);
      if (kept.length > 0) yield { rows: window, order: kept, next: undefined };
      return;
    }
    // Rows that have not been read yet come at or after the last row of their source.
    const certain = Math.min(
      order.length,
      ...open.map(({ last }) => firstNotBefore(window, order, last)),
    );
    const cut = afterCopies(
      window,
      order,
      cutBetweenKeys(window, order, Math.min(certain, partRows), certain),
    );
    const [first = 0, last = 0, next] = [order[0], order[cut - 1], order[cut]];
    const known = counted ? [{ key: first, counted }] : [];
    // Where a key is cut, a later row may be the copy that counts of one that is written now.
    const isCut = cut > 0 && next !== undefined && !window.keyDiffers(last, next);
    if (isCut && !(counted && !window.keyDiffers(first, next))) {
      counted = await countedCopies(window, next);
      known.push({ key: next, counted });
    } else if (!isCut && cut > 0) counted = undefined;
    const kept = window.withoutCopies(order.subarray(0, cut), known);
    if (kept.length > 0) yield { rows: window, order: kept, next };

    const rest = new RowSet(eventType);
    rest.append(window.take(order.subarray(cut)));
    for (const source of open) source.last = firstNotBefore(window, order, source.last) - cut;
    window = rest;
  }
}

/** Moves a cut behind rows with equal positions, which are copies of one event. */
function afterCopies(rows: RowSet, order: Uint32Array, wanted: number): number {
  const areCopies = (cut: number): boolean =>
    rows.eventId(order[cut] ?? 0) !== undefined &&
    rows.compareRows(order[cut - 1] ?? 0, order[cut] ?? 0) === 0;
  let cut = wanted;
  while (cut > 0 && cut < order.length && areCopies(cut)) cut++;
  return cut;
}

/** Returns the largest size of the last part, which is larger so that no part with few rows is left over. */
const lastPartRows = (partRows: number): number => Math.ceil(partRows * 1.5);

/**
 * Reads on, always from the source that is furthest behind. Then only rows of the last block of every other source
 * come after the certain ones, and at least `wantedRows` rows are certain unless some are duplicates.
 */
async function fill(window: RowSet, sources: readonly Source[], wantedRows: number): Promise<void> {
  for (;;) {
    const open = sources.filter(({ done }) => !done);
    const uncertainRows = open.reduce((sum, { blockRows }) => sum + blockRows, 0);
    const behind = furthestBehind(window, open);
    if (!behind || (behind.last >= 0 && window.rows >= wantedRows + uncertainRows)) return;
    const block = await behind.blocks.next();
    if (block.done === true) behind.done = true;
    else if (block.value.numRows > 0) {
      window.append(block.value);
      behind.last = window.rows - 1;
      behind.blockRows = block.value.numRows;
    }
  }
}

/** Returns the source that has been read the least far; one without rows so far is behind all others. */
function furthestBehind(window: RowSet, open: readonly Source[]): Source | undefined {
  let behind = open[0];
  for (const source of open.slice(1)) {
    if (!behind || behind.last < 0) break;
    if (source.last < 0 || window.compareRows(source.last, behind.last) < 0) behind = source;
  }
  return behind;
}

/** Returns the first position in the order whose row does not come before the given row. */
function firstNotBefore(window: RowSet, order: Uint32Array, row: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (window.compareRows(order[middle] ?? 0, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the change of key that is nearest to `wanted`, at most `limit`; `wanted` itself where a key is too large. */
export function cutBetweenKeys(
  rows: Pick<RowSet, 'keyDiffers'>,
  order: Uint32Array,
  wanted: number,
  limit: number,
): number {
  const isChange = (cut: number): boolean =>
    cut >= order.length || rows.keyDiffers(order[cut - 1] ?? 0, order[cut] ?? 0);
  for (let cut = wanted; cut > wanted / 2; cut--) if (isChange(cut)) return cut;
  for (let cut = wanted + 1; cut <= limit; cut++) if (isChange(cut)) return cut;
  return wanted;
}
