import type { Column } from '@sluice/event-schema';
import { arrowType } from '@sluice/event-schema/arrow';
import { Field, makeData, RecordBatch, Schema, Struct, Table, type Data } from 'apache-arrow';
import { arrowColumn, type ArrowColumn } from './arrow-column';

/** A value that its column can't hold. */
export interface ConversionFault {
  readonly column: string;
  /** Sentence that says what is wrong and quotes the value, shortened. */
  readonly detail: string;
}

/** Collects rows and makes an Arrow table of them. */
export interface RowTableBuilder {
  readonly rowCount: number;
  /**
   * Adds a row, given as column → value. Members that are no column are ignored; missing ones and `undefined` become
   * null.
   *
   * @returns the fault where a value does not fit its column, in which case nothing of the row was added
   */
  append(row: Readonly<Record<string, unknown>>): ConversionFault | undefined;
  /**
   * Adds as many rows as each column has values, by the names of the columns. A column without values gets nulls.
   *
   * @returns the fault where a value does not fit its column, in which case none of the rows was added
   */
  appendColumns(
    rows: number,
    columns: ReadonlyMap<string, readonly unknown[]>,
  ): ConversionFault | undefined;
  /** Removes all rows but the first `rowCount`. */
  truncate(rowCount: number): void;
  /** Returns the rows so far and empties the builder. */
  finish(): Table;
}

type ColumnShape = Pick<Column, 'name' | 'type'>;

/** Returns the Arrow schema of columns, each of which may be null. */
export const columnsSchema = (columns: readonly ColumnShape[]): Schema =>
  new Schema(columns.map(({ name, type }) => new Field(name, arrowType(type), true)));

/**
 * Returns a builder without rows.
 *
 * @example
 * import { createRowTableBuilder } from '@sluice/columns';
 * const builder = createRowTableBuilder([
 *   { name: 'id', type: { kind: 'string' } },
 *   { name: 'amount', type: { kind: 'bigint' } },
 * ]);
 * const fault = builder.append({ id: 'order-17', amount: 3 }); // undefined
 * const table = builder.finish();
 */
export function createRowTableBuilder(columns: readonly ColumnShape[]): RowTableBuilder {
  const schema = columnsSchema(columns);
  const empty = () => columns.map(({ name, type }) => ({ name, values: arrowColumn(type) }));
  let built = empty();
  let rowCount = 0;
  const truncate = (length: number): void => {
    rowCount = Math.min(rowCount, length);
    for (const { values } of built) values.truncate(rowCount);
  };
  return {
    get rowCount() {
      return rowCount;
    },
    append(row) {
      for (const { name, values } of built) {
        const detail = values.push(Object.hasOwn(row, name) ? row[name] : null);
        if (detail === undefined) continue;
        truncate(rowCount);
        return { column: name, detail };
      }
      rowCount++;
      return undefined;
    },
    appendColumns(rows, given) {
      for (const { name, values } of built) {
        const detail = pushAll(values, rows, given.get(name));
        if (detail === undefined) continue;
        truncate(rowCount);
        return { column: name, detail };
      }
      rowCount += rows;
      return undefined;
    },
    truncate,
    finish() {
      const table = tableOf(
        schema,
        built.map(({ values }) => values.finish()),
        rowCount,
      );
      built = empty();
      rowCount = 0;
      return table;
    },
  };
}

/** Returns columns of `rows` rows each as a table of one batch. */
export function tableOf(schema: Schema, children: readonly Data[], rows: number): Table {
  const type = new Struct(schema.fields);
  const data = makeData({ type, length: rows, nullCount: 0, children: [...children] });
  return new Table(schema, new RecordBatch(schema, data));
}

/** Adds rows to a column. @returns what is wrong with the first value that does not fit it */
function pushAll(
  column: ArrowColumn,
  rows: number,
  values: readonly unknown[] | undefined,
): string | undefined {
  if (!values) column.append(undefined, rows);
  else
    for (let row = 0; row < rows; row++) {
      const detail = column.push(values[row]);
      if (detail !== undefined) return detail;
    }
  return undefined;
}
