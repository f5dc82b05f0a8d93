import { createHash } from 'node:crypto';
import { compareUtf8, type KeyOrder, type KeyText } from '@sluice/lake-layout';
import type { Row } from '@sluice/row-formats';
import type { Cell } from '@sluice/values';

/**
 * A row's position in the order of answers: by key, then by its moment, then by a token that distinguishes rows of
 * the same moment.
 */
export interface Position {
  readonly keyText: KeyText;
  /** Moment of the row, in microseconds since 1970. */
  readonly moment: bigint;
  readonly rowToken: string;
}

export interface FoundRow extends Position, Row {
  readonly ingestedAtMicros: bigint;
  /**
   * Identifies a set of files, including the row's own, in which each event occurs once; undefined where there is no
   * such set.
   */
  readonly copySet?: string | undefined;
}

/** Order of answers. Keys are ascending in both; within a key, `desc` gives the latest moment first. */
export type RowOrder = 'asc' | 'desc';

/** Compares two positions; negative where `a` comes first, as in `Array.prototype.sort`. */
export type PositionOrder = (a: Position, b: Position) => number;

export function positionOrder(keyOrder: KeyOrder, rowOrder: RowOrder): PositionOrder {
  const direction = rowOrder === 'asc' ? 1 : -1;
  return (a, b) =>
    keyOrder(a.keyText, b.keyText) ||
    direction * (compareMoments(a.moment, b.moment) || compareUtf8(a.rowToken, b.rowToken));
}

/** Orders moments, in microseconds since 1970. */
export const compareMoments = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Returns the name of an event, which is the same for all its copies, whatever their moments. */
export const eventName = ({ keyText, rowToken }: Position): string =>
  `${keyText.length}:${keyText}${rowToken}`;

export interface RowCollectorOptions {
  readonly compare: PositionOrder;
  readonly maxRows: number;
  /** Position after which rows are wanted, exclusive. */
  readonly after?: Position;
  /** True to keep only the first row of each key. @default false */
  readonly onlyFirst?: boolean;
}

/**
 * Keeps the first rows in the order of answers. Memory is bounded by `maxRows`, however many rows are added. Of
 * copies of an event with the same moment, the one that arrived first is kept.
 */
export class RowCollector {
  #rows = new Map<string, FoundRow>();
  /** Position after which no row can be among the first rows any more. */
  #bar: Position | undefined;
  /** Number of rows that were added since the bar was set. */
  #added = 0;
  /** The first row of each key, where only these are kept. */
  readonly #firsts = new Map<KeyText, FoundRow>();
  readonly #compare: PositionOrder;
  readonly #maxRows: number;
  readonly #after: Position | undefined;
  readonly #onlyFirst: boolean;

  constructor({ compare, maxRows, after, onlyFirst = false }: RowCollectorOptions) {
    this.#compare = compare;
    this.#maxRows = maxRows;
    this.#after = after;
    this.#onlyFirst = onlyFirst;
  }

  /** Decides whether a row of this key and moment may still be among the rows that are kept. */
  takes(place: Pick<Position, 'keyText' | 'moment'>): boolean {
    const bar = this.#onlyFirst ? this.#firsts.get(place.keyText) : this.#fullBar();
    if (!bar) return true;
    // Another row with the same moment may come first.
    return this.#compare({ ...place, rowToken: bar.rowToken }, bar) <= 0;
  }

  add(row: FoundRow): void {
    if (this.#after && this.#compare(row, this.#after) <= 0) return;
    if (this.#onlyFirst) {
      const first = this.#firsts.get(row.keyText);
      if (!first || this.#isBefore(row, first)) this.#firsts.set(row.keyText, row);
      return;
    }
    if (this.#bar && this.#compare(row, this.#bar) > 0) return;
    const id = `${row.moment} ${eventName(row)}`;
    const known = this.#rows.get(id);
    if (known && known.ingestedAtMicros <= row.ingestedAtMicros) return;
    this.#rows.set(id, row);
    this.#added++;
    if (this.#rows.size > this.#maxRows * 2) this.#cut();
  }

  #isBefore(row: FoundRow, other: FoundRow): boolean {
    return (
      (this.#compare(row, other) || (row.ingestedAtMicros < other.ingestedAtMicros ? -1 : 1)) < 0
    );
  }

  #cut(): void {
    const first = [...this.#rows]
      .sort(([, a], [, b]) => this.#compare(a, b))
      .slice(0, this.#maxRows);
    this.#rows = new Map(first);
    this.#bar = first.at(-1)?.[1];
    this.#added = 0;
  }

  /** Returns the last of the kept rows, once there are as many as are wanted. */
  #fullBar(): Position | undefined {
    if (this.#rows.size < this.#maxRows) return undefined;
    if (this.#added > 0) this.#cut();
    return this.#bar;
  }

  /** Returns at most `maxRows` rows, in order. */
  rows(): readonly FoundRow[] {
    const rows = this.#onlyFirst ? this.#firsts : this.#rows;
    return [...rows.values()].sort(this.#compare).slice(0, this.#maxRows);
  }
}

/**
 * Makes tokens that distinguish the rows of one key: by event, or, where a file has no `event_id`, by their content.
 */
export class RowTokens {
  readonly #seen = new Map<string, number>();

  /** Returns the token of a row. @param group row group of the row */
  of(eventId: string | null, cells: readonly Cell[], group: number): string {
    if (eventId !== null) return `e${eventId}`;
    const text = JSON.stringify(cells, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    const content = `${hash}.${group}`;
    const count = this.#seen.get(content) ?? 0;
    this.#seen.set(content, count + 1);
    return `n${content}.${String(count).padStart(6, '0')}`;
  }
}
