import { tableColumns, keyColumn, type Column, type EventType } from '@sluice/event-schema';
import { columnsSchema } from '@sluice/parquet-writing';
import { makeData, RecordBatch, Struct, Table } from 'apache-arrow';
import { castColumn } from './cast-column';
import { columnStore, type ColumnStore } from './column-store';

/** Rows of one event type in memory, column by column, from files of any earlier version of its schema. */
export class RowSet {
  readonly #columns: readonly { readonly column: Column; readonly store: ColumnStore }[];
  readonly #key: ColumnStore;
  readonly #eventId: ColumnStore;
  readonly #ingestedAt: ColumnStore;
  #rows = 0;

  constructor(readonly eventType: EventType) {
    this.#columns = tableColumns(eventType).map((column) => ({
      column,
      store: columnStore(column.type),
    }));
    const store = (wanted: string): ColumnStore => {
      const found = this.#columns.find(({ column }) => column.name === wanted);
      if (!found) throw new Error(`table ${eventType.name} has no column ${wanted}`);
      return found.store;
    };
    this.#key = store(keyColumn(eventType).name);
    this.#eventId = store('event_id');
    this.#ingestedAt = store('ingested_at');
  }

  get rows(): number {
    return this.#rows;
  }

  get byteLength(): number {
    return this.#columns.reduce((sum, { store }) => sum + store.byteLength, 0);
  }

  /**
   * Adds the rows of a file. Columns it does not have are null, columns that the schema does not have are left out.
   *
   * @throws CastError where a column can't be read as the schema's type; nothing was added then.
   */
  append(table: Table): void {
    for (const batch of table.batches) {
      const chunks = new Map(
        batch.schema.fields.map(({ name }, index) => [name, batch.data.children[index]]),
      );
      const casts = this.#columns.map(({ column, store }) => {
        const chunk = chunks.get(column.name);
        return { store, data: chunk && castColumn(chunk, column) };
      });
      for (const { store, data } of casts) store.append(data, batch.numRows);
      this.#rows += batch.numRows;
    }
  }

  /**
   * Positions of the rows by key, then by `event_id`, each (key, `event_id`) once: of duplicates the one that
   * was ingested first stays.
   */
  sortedOrder(): Uint32Array {
    const ranks = this.#key.ranks();
    const order = new Uint32Array(this.#rows);
    for (let row = 0; row < this.#rows; row++) {
      order[row] = row;
      if (this.#key.isNull(row)) ranks[row] = -Infinity;
    }
    order.sort(
      (a, b) =>
        compareRanks(ranks[a] ?? 0, ranks[b] ?? 0) ||
        this.#compare(this.#key, a, b) ||
        this.#compare(this.#eventId, a, b) ||
        this.#compare(this.#ingestedAt, a, b) ||
        a - b,
    );
    let kept = 0;
    for (const row of order) {
      const before = order[kept - 1];
      if (kept === 0 || before === undefined || !this.#isDuplicate(before, row))
        order[kept++] = row;
    }
    return order.subarray(0, kept);
  }

  /** The rows in the order given. */
  take(order: Uint32Array): Table {
    const schema = columnsSchema(this.#columns.map(({ column }) => column));
    const data = makeData({
      type: new Struct(schema.fields),
      length: order.length,
      nullCount: 0,
      children: this.#columns.map(({ store }) => store.take(order)),
    });
    return new Table(schema, new RecordBatch(schema, data));
  }

  /** Whether the two rows have different keys. */
  keyDiffers(a: number, b: number): boolean {
    return this.#compare(this.#key, a, b) !== 0;
  }

  #isDuplicate(a: number, b: number): boolean {
    return (
      !this.#eventId.isNull(a) &&
      this.#compare(this.#eventId, a, b) === 0 &&
      this.#compare(this.#key, a, b) === 0
    );
  }

  /** Nulls come first. */
  #compare(store: ColumnStore, a: number, b: number): number {
    const nulls = Number(store.isNull(b)) - Number(store.isNull(a));
    return nulls !== 0 ? nulls : store.isNull(a) ? 0 : store.compare(a, b);
  }
}

/** Unlike a difference, right for two infinities too. */
const compareRanks = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
