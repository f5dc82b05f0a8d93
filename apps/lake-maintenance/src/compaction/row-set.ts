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
import type { CompactedFile, KeyText, RowPlace } from '@sluice/lake-layout';
import { Vector, type Table } from 'apache-arrow';
import { keyTexts } from './key-text';
import { RowTimes } from './row-times';
import { sortedPositions } from './sorted-positions';
import { withUnnamedValues, type UnnamedColumn } from './unnamed-values';

/** Columns without which rows can't be told apart, or what has no column can't be kept. */
const indispensable: ReadonlySet<string> = new Set(
  [eventIdColumn, ingestedAtColumn, unmappedColumn].map(({ name }) => name),
);

/** What tells whether a row is a copy of one on another day. */
export interface ArrivedRow {
  /** Its position. */
  readonly row: number;
  readonly key: KeyText;
  readonly eventId: string;
  /** Undefined for a row that has no time of arrival. */
  readonly ingestedAtMs: number | undefined;
}

/** Says which of the copies of an event counts: the first that was ingested. Both are in microseconds since 1970. */
export interface CopyPlace {
  readonly ingestedAt: bigint;
  readonly moment: bigint;
}

/** For events of one key that have copies: the place of the one that counts, by `event_id`. */
export type CountedCopies = ReadonlyMap<string, CopyPlace>;

/** What is known of the copies of a key's events, also of those that are not in the set. */
export interface KnownCopies {
  /** A row of the key. */
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
  /** Of the keys, as they were sorted last. */
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
   * Adds the rows of a file, or those from `start` on. Columns it does not have are null. Values of columns that the schema does
   * not have, or has in a type that they can't be read as, are added to `unmapped`.
   *
   * @throws CastError where that is a column that rows are sorted and told apart by; nothing was added then.
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
   * Positions of the rows by key, then by moment, then by `event_id`, each (key, `event_id`) once: of duplicates the one that
   * was ingested first stays. Rows without a key come first; rows without an `event_id` are never duplicates.
   */
  sortedOrder(): Uint32Array {
    return this.withoutCopies(this.positions());
  }

  /** Positions of all rows by key, then by moment, then by `event_id`. */
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
   * Leaves out of sorted positions the later copies of events, and the rows that were excluded.
   *
   * @param known keys of which there are rows elsewhere too
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
    const { ingestedAt, moment } = this.copyPlace(row);
    return ingestedAt === place.ingestedAt && moment === place.moment;
  }

  /** @param rows of one key */
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

  /** What decides between a row and its copies. */
  copyPlace(row: number): CopyPlace {
    return { ingestedAt: this.#times.arrivalOf(row), moment: this.#times.momentOf(row) };
  }

  eventId(row: number): string | undefined {
    return this.eventIds(Uint32Array.of(row))[0] ?? undefined;
  }

  eventIds(rows: Uint32Array): readonly (string | null)[] {
    return new Vector([this.#eventId.take(rows)]).toArray() as readonly (string | null)[];
  }

  /** Finds the first row whose key is as wanted, in rows that are sorted by key; the number of rows where none is. */
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

  /** Says of rows in their order what a manifest says of the order and the times of their file. */
  placesOf(
    order: Uint32Array,
  ): Pick<CompactedFile, 'firstRow' | 'lastRow' | 'moments' | 'time' | 'arrivals'> {
    const [first, last] = [order[0], order.at(-1)];
    if (first === undefined || last === undefined) return {};
    const place = (row: number): RowPlace => ({
      moment: this.#times.momentText(row),
      eventId: this.eventId(row) ?? '',
    });
    return { firstRow: place(first), lastRow: place(last), ...this.#times.boundsOf(order) };
  }

  /** Returns the rows with an `event_id` that arrived before a moment, in milliseconds since 1970. */
  arrivedBefore(endMs: number): Generator<ArrivedRow> {
    const arrivals = this.#ingestedAt.ranks();
    return this.#arrived(
      (row) => !this.#ingestedAt.isNull(row) && (arrivals[row] ?? 0) < endMs,
      arrivals,
    );
  }

  /** Returns the rows with an `event_id` from one position to another, the end exclusive. */
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

  /** Leaves rows out of {@link sortedOrder}, together with their later duplicates. */
  exclude(rows: ReadonlySet<number>): void {
    this.#excluded = rows;
  }

  /** The rows in the order given. */
  take(order: Uint32Array): Table {
    return tableOf(
      columnsSchema(this.#columns.map(({ column }) => column)),
      this.#columns.map(({ store }) => store.take(order)),
      order.length,
    );
  }

  /** Copies some columns of the first `rows` rows. */
  firstRows(rows: number, names: readonly string[]): Table {
    const order = Uint32Array.from({ length: rows }, (_, row) => row);
    const columns = this.#columns.filter(({ column }) => names.includes(column.name));
    return tableOf(
      columnsSchema(columns.map(({ column }) => column)),
      columns.map(({ store }) => store.take(order)),
      rows,
    );
  }

  /** Orders two rows by key, then by moment, then by `event_id`. */
  compareRows(a: number, b: number): number {
    return (
      compareNullable(this.#key, a, b) ||
      this.#times.compare(a, b) ||
      compareNullable(this.#eventId, a, b)
    );
  }

  /** Most keys differ in their ranks already. */
  #isOtherKey(a: number, b: number): boolean {
    const ranks = this.#keyRanks;
    return (ranks.length === this.#rows && ranks[a] !== ranks[b]) || this.keyDiffers(a, b);
  }

  /** Whether two rows have different keys. */
  keyDiffers(a: number, b: number): boolean {
    return compareNullable(this.#key, a, b) !== 0;
  }

  keyText(row: number): KeyText {
    return keyTexts(new Vector([this.#key.take(Uint32Array.of(row))]), this.#keyColumn.type)(0);
  }
}

/** Nulls come first. */
const compareNullable = (store: ArrowColumn, a: number, b: number): number => {
  const nullA = store.isNull(a);
  const nullB = store.isNull(b);
  return nullA || nullB ? Number(nullB) - Number(nullA) : store.compare(a, b);
};
