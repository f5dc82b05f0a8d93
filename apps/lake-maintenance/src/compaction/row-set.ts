import {
  arrowColumn,
  CastError,
  castColumn,
  columnsSchema,
  tableOf,
  type ArrowColumn,
} from '@sluice/columns';
import {
  eventIdColumn,
  ingestedAtColumn,
  keyColumn,
  tableColumns,
  timeColumn,
  unmappedColumn,
  type Column,
  type ColumnType,
  type EventType,
} from '@sluice/event-schema';
import type { CompactedFile, KeyText, LateCounts, RowPosition } from '@sluice/lake-layout';
import { Vector, type Table } from 'apache-arrow';
import { keyTexts } from './key-text';
import { RowTimes } from './row-times';
import { sortedPositions } from './sorted-positions';
import { withUnnamedValues, type UnnamedColumn } from './unnamed-values';

/** Columns without which rows can't be distinguished, or values without a column can't be kept. */
const indispensable: ReadonlySet<string> = new Set(
  [eventIdColumn, ingestedAtColumn, unmappedColumn].map(({ name }) => name),
);

/** The part of a row that tells whether it is a copy of one on another day. */
export interface ArrivedRow {
  /** Position of the row. */
  readonly row: number;
  readonly key: KeyText;
  readonly eventId: string;
  /** Time of arrival in milliseconds since 1970; undefined for a row without one. */
  readonly ingestedAtMs: number | undefined;
}

/**
 * Position of a row among the copies of its event, of which the first that was ingested counts. Both times are in
 * microseconds since 1970.
 */
export interface CopyPosition {
  readonly ingestedAt: bigint;
  readonly moment: bigint;
}

/** For events of one key that have copies, the copy that counts, by `event_id`. */
export type CountedCopies = ReadonlyMap<string, CopyPosition>;

/** The copies of a key's events that are known to count, including copies that are not in the set. */
export interface KnownCopies {
  /** Position of a row with the key. */
  readonly key: number;
  readonly counted: CountedCopies;
}

/** Rows of one event type in memory, column by column, from files of any earlier version of its schema. */
export class RowSet {
  readonly #columns: readonly { readonly column: Column; readonly store: ArrowColumn }[];
  readonly #keyColumn: Column;
  readonly #key: ArrowColumn;
  readonly #eventId: ArrowColumn;
  readonly #ingestedAt: ArrowColumn;
  readonly #times: RowTimes;
  /** Positions of rows that belong to another day. */
  #excluded: ReadonlySet<number> = new Set();
  #rows = 0;
  /** Ranks of the keys, as of the last sort. */
  #keyRanks: Float64Array = new Float64Array(0);

  constructor(readonly eventType: EventType) {
    this.#columns = tableColumns(eventType).map((column) => ({
      column,
      store: arrowColumn(column.type),
    }));
    const store = (wanted: string): ArrowColumn => {
      const found = this.#columns.find(({ column }) => column.name === wanted);
      if (!found) throw new Error(`table ${eventType.name} has no column ${wanted}`);
      return found.store;
    };
    this.#keyColumn = keyColumn(eventType);
    this.#key = store(this.#keyColumn.name);
    this.#eventId = store(eventIdColumn.name);
    this.#ingestedAt = store(ingestedAtColumn.name);
    const time = timeColumn(eventType);
    this.#times = new RowTimes({
      time: time && { column: time, store: store(time.name) },
      arrival: { column: ingestedAtColumn, store: this.#ingestedAt },
    });
  }

  get keyType(): ColumnType {
    return this.#keyColumn.type;
  }

  get rows(): number {
    return this.#rows;
  }

  get byteLength(): number {
    return this.#columns.reduce((sum, { store }) => sum + store.byteLength, 0);
  }

  /**
   * Adds the rows of a file, from `start` on. Columns that the file lacks are null. Values of columns that the schema
   * does not have, or has with a type as which they can't be read, are added to `unmapped`.
   *
   * @throws CastError where such a column is needed to sort or distinguish rows; nothing was added in that case
   */
  append(table: Table, start = 0): void {
    let skip = start;
    const chunks = table.batches.map((batch) => {
      const from = Math.min(skip, batch.numRows);
      skip -= from;
      const children = new Map(
        batch.schema.fields.map(({ name }, index) => [name, batch.data.children[index]]),
      );
      const unnamed: UnnamedColumn[] = [];
      const columns = this.#columns.map(({ column, store }) => {
        const data = children.get(column.name);
        children.delete(column.name);
        if (!data) return { column, store, data };
        try {
          return { column, store, data: castColumn(data, column) };
        } catch (error) {
          if (!(error instanceof CastError) || this.#isIndispensable(column)) throw error;
          unnamed.push({ name: column.name, data });
          return { column, store, data: undefined };
        }
      });
      for (const [name, data] of children) if (data) unnamed.push({ name, data });
      if (unnamed.length === 0) return { columns, from, rows: batch.numRows - from };
      return {
        columns: columns.map((each) =>
          each.column.name === unmappedColumn.name
            ? { ...each, data: withUnnamedValues(each.data, unnamed, batch.numRows) }
            : each,
        ),
        from,
        rows: batch.numRows - from,
      };
    });
    for (const { columns, from, rows } of chunks) {
      for (const { store, data } of columns) store.append(data, rows, from);
      this.#rows += rows;
    }
  }

  #isIndispensable({ name }: Column): boolean {
    return name === this.#keyColumn.name || indispensable.has(name);
  }

  /**
   * Returns the positions of the rows by key, then by moment, then by `event_id`, each (key, `event_id`) once: of
   * duplicates the one that was ingested first is kept. Rows without a key come first; rows without an `event_id` are
   * never duplicates.
   */
  sortedOrder(): Uint32Array {
    return this.withoutCopies(this.positions());
  }

  /** Returns the positions of all rows by key, then by moment, then by `event_id`. */
  positions(): Uint32Array {
    const ranks = this.#key.ranks();
    for (let row = 0; row < this.#rows; row++) if (this.#key.isNull(row)) ranks[row] = -Infinity;
    this.#keyRanks = ranks;
    return sortedPositions(
      ranks,
      (a, b) => this.compareRows(a, b) || this.#times.compareArrivals(a, b) || a - b,
    );
  }

  /**
   * Removes the later copies of events, and excluded rows, from sorted positions.
   *
   * @param known keys that have rows outside of this set too
   */
  withoutCopies(order: Uint32Array, known: readonly KnownCopies[] = []): Uint32Array {
    const dropped = new Set<number>();
    for (let start = 0, end: number; start < order.length; start = end) {
      const first = order[start] ?? 0;
      for (end = start + 1; end < order.length; end++)
        if (this.#isOtherKey(first, order[end] ?? 0)) break;
      const counted = known.find(({ key }) => !this.keyDiffers(key, first))?.counted;
      if (counted)
        for (const row of order.subarray(start, end))
          if (!this.#counts(row, counted)) dropped.add(row);
      if (end - start > 1) this.#dropCopies(order.subarray(start, end), dropped);
    }
    if (dropped.size === 0 && this.#excluded.size === 0) return order;
    return order.filter((row) => !dropped.has(row) && !this.#excluded.has(row));
  }

  #counts(row: number, counted: CountedCopies): boolean {
    const id = counted.size === 0 ? undefined : this.eventId(row);
    const place = id === undefined ? undefined : counted.get(id);
    if (!place) return true;
    const { ingestedAt, moment } = this.copyPosition(row);
    return ingestedAt === place.ingestedAt && moment === place.moment;
  }

  /** Adds the later copies among some rows to `dropped`. @param rows of one key */
  #dropCopies(rows: Uint32Array, dropped: Set<number>): void {
    const byEvent = rows
      .filter((row) => !this.#eventId.isNull(row))
      .sort(
        (a, b) =>
          this.#eventId.compare(a, b) ||
          this.#times.compareArrivals(a, b) ||
          this.#times.compare(a, b) ||
          a - b,
      );
    for (let index = 1; index < byEvent.length; index++) {
      const row = byEvent[index] ?? 0;
      if (this.#eventId.compare(byEvent[index - 1] ?? 0, row) === 0) dropped.add(row);
    }
  }

  /** Returns the position of a row among the copies of its event. */
  copyPosition(row: number): CopyPosition {
    return { ingestedAt: this.#times.arrivalOf(row), moment: this.#times.momentOf(row) };
  }

  eventId(row: number): string | undefined {
    return this.eventIds(Uint32Array.of(row))[0] ?? undefined;
  }

  eventIds(rows: Uint32Array): readonly (string | null)[] {
    return new Vector([this.#eventId.take(rows)]).toArray() as readonly (string | null)[];
  }

  /**
   * Finds the first row whose key is wanted, in rows that are sorted by key; the number of rows where there is none.
   */
  firstWhere(isWanted: (key: KeyText) => boolean): number {
    let low = 0;
    let high = this.#rows;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isWanted(this.keyText(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Returns the members of a manifest about the order and the times of rows in a file. */
  placesOf(
    order: Uint32Array,
  ): Pick<CompactedFile, 'firstRow' | 'lastRow' | 'moments' | 'time' | 'arrivals'> {
    const [first, last] = [order[0], order.at(-1)];
    if (first === undefined || last === undefined) return {};
    const place = (row: number): RowPosition => ({
      moment: this.#times.momentText(row),
      eventId: this.eventId(row) ?? '',
    });
    return { firstRow: place(first), lastRow: place(last), ...this.#times.boundsOf(order) };
  }

  /** Counts the rows by how long after their own time they arrived; undefined where the event type has no time. */
  lateCounts(): LateCounts | undefined {
    return this.#times.lateCounts();
  }

  /** Yields the rows with an `event_id` that arrived before a moment, in milliseconds since 1970. */
  arrivedBefore(endMs: number): Generator<ArrivedRow> {
    const arrivals = this.#ingestedAt.ranks();
    return this.#arrived(
      (row) => !this.#ingestedAt.isNull(row) && (arrivals[row] ?? 0) < endMs,
      arrivals,
    );
  }

  /** Yields the rows with an `event_id` from one position to another (exclusive). */
  arrivedRows(start = 0, end = this.#rows): Generator<ArrivedRow> {
    return this.#arrived((row) => row >= start && row < end, this.#ingestedAt.ranks());
  }

  *#arrived(isWanted: (row: number) => boolean, arrivals: Float64Array): Generator<ArrivedRow> {
    const wanted: number[] = [];
    for (let row = 0; row < this.#rows; row++)
      if (!this.#eventId.isNull(row) && isWanted(row)) wanted.push(row);
    const order = Uint32Array.from(wanted);
    const keyText = keyTexts(new Vector([this.#key.take(order)]), this.#keyColumn.type);
    const eventIds = new Vector([this.#eventId.take(order)]);
    for (const [index, row] of wanted.entries())
      yield {
        row,
        key: keyText(index),
        eventId: String(eventIds.get(index)),
        ingestedAtMs: this.#ingestedAt.isNull(row) ? undefined : arrivals[row],
      };
  }

  /** Excludes rows, and their later duplicates, from {@link sortedOrder}. */
  exclude(rows: ReadonlySet<number>): void {
    this.#excluded = rows;
  }

  /** Returns a table of rows in the given order. */
  take(order: Uint32Array): Table {
    return tableOf(
      columnsSchema(this.#columns.map(({ column }) => column)),
      this.#columns.map(({ store }) => store.take(order)),
      order.length,
    );
  }

  /** Copies some columns of the first `rows` rows, without those that are excluded. */
  firstRows(rows: number, names: readonly string[]): Table {
    const all = Uint32Array.from({ length: rows }, (_, row) => row);
    const order = this.#excluded.size === 0 ? all : all.filter((row) => !this.#excluded.has(row));
    const columns = this.#columns.filter(({ column }) => names.includes(column.name));
    return tableOf(
      columnsSchema(columns.map(({ column }) => column)),
      columns.map(({ store }) => store.take(order)),
      order.length,
    );
  }

  /** Compares two rows by key, then by moment, then by `event_id`. */
  compareRows(a: number, b: number): number {
    return (
      compareNullable(this.#key, a, b) ||
      this.#times.compare(a, b) ||
      compareNullable(this.#eventId, a, b)
    );
  }

  /** Decides whether two rows have different keys, by their ranks where these differ already. */
  #isOtherKey(a: number, b: number): boolean {
    const ranks = this.#keyRanks;
    return (ranks.length === this.#rows && ranks[a] !== ranks[b]) || this.keyDiffers(a, b);
  }

  /** Decides whether two rows have different keys. */
  keyDiffers(a: number, b: number): boolean {
    return compareNullable(this.#key, a, b) !== 0;
  }

  keyText(row: number): KeyText {
    return keyTexts(new Vector([this.#key.take(Uint32Array.of(row))]), this.#keyColumn.type)(0);
  }
}

/** Compares two rows' values of a column; nulls come first. */
const compareNullable = (store: ArrowColumn, a: number, b: number): number => {
  const nullA = store.isNull(a);
  const nullB = store.isNull(b);
  return nullA || nullB ? Number(nullB) - Number(nullA) : store.compare(a, b);
};
