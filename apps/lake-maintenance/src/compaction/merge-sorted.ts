import type { EventType } from '@sluice/event-schema';
import type { Table } from 'apache-arrow';
import { RowSet, type CountedCopies } from './row-set';

/** Rows in ascending order, each event once, a block at a time. */
export type SortedBlocks = AsyncIterator<Table>;

/** Rows of one file to write. */
export interface MergedPart {
  readonly rows: RowSet;
  /** Positions of the rows in their order. */
  readonly order: Uint32Array;
  /** Position of the row that follows, with which the next part begins; undefined after the last. */
  readonly next: number | undefined;
}

export interface MergeOptions {
  readonly eventType: EventType;
  /** Rows of a part, about. */
  readonly partRows: number;
  /**
   * Finds out which copies count of the events that have several, for a key whose rows are too many to be looked at together.
   *
   * @param key a row of it, in the set given
   */
  readonly countedCopies: (rows: RowSet, key: number) => Promise<CountedCopies>;
}

interface Source {
  readonly blocks: SortedBlocks;
  /** Position of the last row that was read from it; -1 before the first. */
  last: number;
  blockRows: number;
  done: boolean;
}

/**
 * Merges sorted sources into parts whose keys do not overlap, where no key has more rows than a part. Of the copies of an event the
 * first ingested stays, at whatever moment of the key the others are.
 *
 * Holds the rows of about two parts, and one block of each source, however many rows there are in all.
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
  /** Of the key that the window begins with, where the part before ended inside it. */
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
    // Whatever was not read yet comes at or after the last row of its source.
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
    // Where a key is cut, what comes later may be the copy that counts of what is written now.
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

/** Moves a cut behind the rows that have one place: they are copies of one event. */
function afterCopies(rows: RowSet, order: Uint32Array, wanted: number): number {
  const areCopies = (cut: number): boolean =>
    rows.eventId(order[cut] ?? 0) !== undefined &&
    rows.compareRows(order[cut - 1] ?? 0, order[cut] ?? 0) === 0;
  let cut = wanted;
  while (cut > 0 && cut < order.length && areCopies(cut)) cut++;
  return cut;
}

/** The last part may be this much larger, so that none with a few rows is left over. */
const lastPartRows = (partRows: number): number => Math.ceil(partRows * 1.5);

/**
 * Reads on, always from the source that is furthest behind. Then of every other source only rows of its
 * last block come after what is certain, and at least `wantedRows` rows are certain unless some are duplicates.
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

/** The source that read the least far; one that read nothing is behind all others. */
function furthestBehind(window: RowSet, open: readonly Source[]): Source | undefined {
  let behind = open[0];
  for (const source of open.slice(1)) {
    if (!behind || behind.last < 0) break;
    if (source.last < 0 || window.compareRows(source.last, behind.last) < 0) behind = source;
  }
  return behind;
}

/** The first place in the order whose row does not come before the row given. */
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

/** The change of key that is nearest to `wanted`, at most `limit`; `wanted` itself where a key is too large. */
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
