// The entries of a table's indexes, made of its rows: for each value the key and the moment of the row that has it.
import { microsPerUnit } from './row-times';
import { arrowColumn, CastError, castColumn, columnsSchema, tableOf } from '@sluice/columns';
import {
  eventIdColumn,
  indexedColumns,
  indexType,
  ingestedAtColumn,
  keyColumn,
  maxKeyBytes,
  momentColumns,
  tableColumns,
  timeColumn,
  type Column,
  type EventType,
  type IndexedColumn,
} from '@sluice/event-schema';
import { indexEntryName } from '@sluice/lake-layout';
import {
  makeData,
  TimestampMicrosecond,
  Utf8,
  Vector,
  type Data,
  type RecordBatch,
  type Table,
} from 'apache-arrow';
import { keyTexts } from './key-text';
import { RowSet } from './row-set';

/** Returns the columns from which the entries of a table's indexes are made. */
export const entryColumns = (eventType: EventType): readonly string[] => [
  ...new Set(
    [
      keyColumn(eventType),
      eventIdColumn,
      ingestedAtColumn,
      ...momentColumns(eventType),
      ...indexedColumns(eventType).map(({ column }) => column),
    ].map(({ name }) => name),
  ),
];

/** The entries of one index. */
export interface IndexEntries {
  readonly index: IndexedColumn;
  readonly entries: RowSet;
}

/** Gathers entries, by index. */
export class IndexEntryBuilder {
  readonly all: readonly IndexEntries[];
  readonly #eventType: EventType;
  /** Number of rows from which entries were made. */
  rows = 0;

  constructor(eventType: EventType) {
    this.#eventType = eventType;
    this.all = indexedColumns(eventType).map((index) => ({
      index,
      entries: new RowSet(indexType(eventType, index)),
    }));
  }

  /** Adds the entries of rows, of which only {@link entryColumns} are looked at. Rows without a value have none. */
  add(table: Table): void {
    for (const batch of table.batches) {
      const rows = rowNames(batch, this.#eventType);
      this.rows += batch.numRows;
      if (!rows) continue;
      for (const { index, entries } of this.all) {
        const found = entriesOf(childOf(batch, index.column), index, rows, entries.eventType);
        if (found) entries.append(found);
      }
    }
  }
}

/** Returns the name of each row in its entries; undefined for a row without a key, which has no entry. */
export const entryNames = (table: Table, eventType: EventType): readonly (string | undefined)[] =>
  table.batches.flatMap(
    (batch) =>
      rowNames(batch, eventType)?.names ?? new Array<undefined>(batch.numRows).fill(undefined),
  );

interface RowNames {
  /** Undefined for a row without a key, which no look-up finds. */
  readonly names: readonly (string | undefined)[];
  readonly moments: BigInt64Array<ArrayBuffer>;
  readonly arrivals: Data | undefined;
}

const childOf = (batch: RecordBatch, { name }: Pick<Column, 'name'>): Data | undefined =>
  batch.data.children[batch.schema.fields.findIndex((field) => field.name === name)];

function rowNames(batch: RecordBatch, eventType: EventType): RowNames | undefined {
  const key = keyColumn(eventType);
  const keyData = childOf(batch, key);
  if (!keyData) return undefined;
  const keys = new Vector([castColumn(keyData, key)]);
  const keyText = keyTexts(keys, key.type);
  const eventIdData = childOf(batch, eventIdColumn);
  const eventIds = eventIdData && new Vector([castColumn(eventIdData, eventIdColumn)]);
  const arrivalData = childOf(batch, ingestedAtColumn);
  const arrivals = arrivalData && castColumn(arrivalData, ingestedAtColumn);
  const arrivalOf = microsOf(arrivals, ingestedAtColumn);
  const time = timeColumn(eventType);
  const timeData = time && readable(childOf(batch, time), time);
  const timeOf = time && microsOf(timeData, time);
  const moments = new BigInt64Array(batch.numRows);
  const names: (string | undefined)[] = [];
  for (let row = 0; row < batch.numRows; row++) {
    const moment = timeOf?.(row) ?? arrivalOf(row) ?? 0n;
    moments[row] = moment;
    const eventId = (eventIds?.get(row) ?? null) as string | null;
    names.push(keys.isValid(row) ? indexEntryName(keyText(row), eventId, moment) : undefined);
  }
  return { names, moments, arrivals };
}

/**
 * Returns a column in the schema's type; undefined where it can't be read in that type, because readers find no value
 * there either.
 */
function readable(data: Data | undefined, column: Column): Data | undefined {
  try {
    return data && castColumn(data, column);
  } catch (error) {
    if (error instanceof CastError) return undefined;
    throw error;
  }
}

/** Returns a function that reads a time as microseconds since 1970; undefined for no time. */
function microsOf(
  data: Data | undefined,
  column: Pick<Column, 'type'>,
): (row: number) => bigint | undefined {
  if (!data) return () => undefined;
  const values = data.values as Int32Array | BigInt64Array;
  const unit = microsPerUnit(column);
  return (row) => (data.getValid(row) ? BigInt(values[row] ?? 0) * unit : undefined);
}

function entriesOf(
  stored: Data | undefined,
  { column }: IndexedColumn,
  { names, moments, arrivals }: RowNames,
  type: EventType,
): Table | undefined {
  const data = readable(stored, column);
  if (!data) return undefined;
  const isUuid = column.type.kind === 'string' && column.schema.format === 'uuid';
  const texts = column.type.kind === 'string' ? new Vector([data]) : undefined;
  const wanted: number[] = [];
  const values: string[] = [];
  for (const [row, name] of names.entries()) {
    if (name === undefined || !data.getValid(row)) continue;
    if (texts) {
      const value = String(texts.get(row));
      // No look-up can ask for a longer value.
      if (value.length * 3 > maxKeyBytes && Buffer.byteLength(value) > maxKeyBytes) continue;
      if (isUuid) values.push(value.toLowerCase());
    }
    wanted.push(row);
  }
  if (wanted.length === 0) return undefined;
  const order = Uint32Array.from(wanted);
  const take = (from: Data, { type: kind }: Pick<Column, 'type'>): Data => {
    if (order.length === names.length) return from;
    const all = arrowColumn(kind);
    all.append(from, names.length);
    return all.take(order);
  };
  const children = new Map<string, Data>([
    ['value', isUuid ? textData(values) : take(data, column)],
    [
      'moment',
      makeData({
        type: new TimestampMicrosecond(),
        data: BigInt64Array.from(order, (row) => moments[row] ?? 0n),
      }),
    ],
    [eventIdColumn.name, textData(wanted.map((row) => names[row] ?? ''))],
    ...(arrivals ? [[ingestedAtColumn.name, take(arrivals, ingestedAtColumn)] as const] : []),
  ]);
  const columns = tableColumns(type).filter(({ name }) => children.has(name));
  return tableOf(
    columnsSchema(columns),
    columns.flatMap(({ name }) => children.get(name) ?? []),
    order.length,
  );
}

function textData(texts: readonly string[]): Data<Utf8> {
  const bytes = Buffer.from(texts.join(''));
  const valueOffsets = new Int32Array(texts.length + 1);
  for (const [at, text] of texts.entries())
    valueOffsets[at + 1] = (valueOffsets[at] ?? 0) + Buffer.byteLength(text);
  return makeData({
    type: new Utf8(),
    length: texts.length,
    nullCount: 0,
    valueOffsets,
    data: new Uint8Array(bytes),
  });
}
