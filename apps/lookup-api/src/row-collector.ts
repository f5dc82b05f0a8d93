import { createHash } from 'node:crypto';
import { compareUtf8, type KeyOrder, type KeyText } from '@sluice/lake-layout';
import type { Row } from '@sluice/row-formats';
import type { Cell } from '@sluice/values';

/** A row's place in the order of answers: by key, then by its moment, then by what tells rows of one moment apart. */
export interface Position {
  readonly keyText: KeyText;
  /** Microseconds since 1970. */
  readonly moment: bigint;
  readonly rowToken: string;
}

export interface FoundRow extends Position, Row {
  readonly ingestedAtMicros: bigint;
  /** Names the files, the row's own among them, that together hold each event once; undefined where there are no such. */
  readonly copySet?: string | undefined;
}

/** Keys are ascending in both; within a key `desc` gives the latest moment first. */
export type RowOrder = 'asc' | 'desc';

/** Negative where `a` comes first, as in `Array.prototype.sort`. */
export type PositionOrder = (a: Position, b: Position) => number;

export function positionOrder(keyOrder: KeyOrder, rowOrder: RowOrder): PositionOrder {
  const direction = rowOrder === 'asc' ? 1 : -1;
  return (a, b) =>
    keyOrder(a.keyText, b.keyText) ||
    direction * (compareMoments(a.moment, b.moment) || compareUtf8(a.rowToken, b.rowToken));
}

/** Orders moments, in microseconds since 1970. */
export const compareMoments = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Names an event: copies of it have one name, whatever their moments. */
export const eventName = ({ keyText, rowToken }: Position): string =>
  `${keyText.length}:${keyText}${rowToken}`;

export interface RowCollectorOptions {
  readonly compare: PositionOrder;
  readonly maxRows: number;
  /** Rows up to and including this position are left out. */
  readonly after?: Position;
  /** Whether of each key only the first row is kept. @default false */
  readonly onlyFirst?: boolean;
}

/**
 * Keeps the first rows in the order of answers; memory is bounded by `maxRows`, however many
 * rows are added. Of copies of an event that have one moment the one that arrived first stays.
 */
export class RowCollector {
  #rows = new Map<string, FoundRow>();
  /** Beyond this position nothing can be among the first rows any more. */
  #bar: Position | undefined;
  /** Rows that came since the bar was set. */
  #added = 0;
  /** The first row of each key, where only that is kept. */
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

  /** Decides whether a row at a place of a key may still be among those that are kept. */
  takes(place: Pick<Position, 'keyText' | 'moment'>): boolean {
    const bar = this.#onlyFirst ? this.#firsts.get(place.keyText) : this.#fullBar();
    if (!bar) return true;
    // Of the same moment another row may come first.
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

  /** The last of the rows that are kept, once there are as many as are wanted. */
  #fullBar(): Position | undefined {
    if (this.#rows.size < this.#maxRows) return undefined;
    if (this.#added > 0) this.#cut();
    return this.#bar;
  }

  /** At most `maxRows`, in order. */
  rows(): readonly FoundRow[] {
    const rows = this.#onlyFirst ? this.#firsts : this.#rows;
    return [...rows.values()].sort(this.#compare).slice(0, this.#maxRows);
  }
}

/** Tells the rows of one key apart: by event, or where a file has no `event_id` by their content. */
export class RowTokens {
  readonly #seen = new Map<string, number>();

  /** @param group the row group that the row is in */
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
