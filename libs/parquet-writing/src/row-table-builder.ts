import type { Column } from '@sluice/event-schema';
import { arrowType } from '@sluice/event-schema/arrow';
import { Field, makeData, RecordBatch, Schema, Struct, Table } from 'apache-arrow';
import { columnBuilder } from './column-builder';

/** A value that its column can't hold. */
export interface ConversionFault {
  readonly column: string;
  /** What is wrong, with the value (shortened). */
  readonly detail: string;
}

/** Rows to an Arrow table, by the columns of an event type. */
export interface RowTableBuilder {
  readonly rowCount: number;
  /** Bytes the rows take in memory. */
  readonly byteLength: number;
  /**
   * Adds a row, column → value. Members that are no column are ignored; missing ones and `undefined` are null.
   *
   * @returns the fault where a value does not fit its column: then nothing of the row was added.
   */
  append(row: Readonly<Record<string, unknown>>): ConversionFault | undefined;
  /** Takes back the rows after the first `rowCount`. */
  truncate(rowCount: number): void;
  /** The rows so far; the builder is empty afterwards. */
  finish(): Table;
}

type ColumnShape = Pick<Column, 'name' | 'type'>;

/** The Arrow schema of columns; `arrowSchema` of an event type is this of its `tableColumns`. */
export const columnsSchema = (columns: readonly ColumnShape[]): Schema =>
  new Schema(columns.map(({ name, type }) => new Field(name, arrowType(type), true)));

export function createRowTableBuilder(columns: readonly ColumnShape[]): RowTableBuilder {
  const schema = columnsSchema(columns);
  const fresh = () => columns.map(({ name, type }) => ({ name, values: columnBuilder(type) }));
  let builders = fresh();
  let rowCount = 0;
  return {
    get rowCount() {
      return rowCount;
    },
    get byteLength() {
      return builders.reduce((sum, { values }) => sum + values.byteLength(rowCount), 0);
    },
    append(row) {
      for (const { name, values } of builders) {
        const detail = values.set(rowCount, Object.hasOwn(row, name) ? row[name] : null);
        if (detail !== undefined) return { column: name, detail };
      }
      rowCount++;
      return undefined;
    },
    truncate(length) {
      rowCount = Math.min(rowCount, length);
    },
    finish() {
      const data = makeData({
        type: new Struct(schema.fields),
        length: rowCount,
        nullCount: 0,
        children: builders.map(({ values }) => values.finish(rowCount)),
      });
      builders = fresh();
      rowCount = 0;
      return new Table(schema, new RecordBatch(schema, data));
    },
  };
}
