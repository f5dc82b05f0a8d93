import { arrowColumn, columnsSchema, columnValue, tableOf } from '@sluice/columns';
import { RecordBatchStreamWriter } from 'apache-arrow';
import { takeWhileFits, type Row, type RowColumn, type WrittenRows } from './format';
import { rowWriter } from './format-json';

/**
 * Size of an answer in Arrow relative to JSON, at most: bytes travel as base64, and narrow values take more room than
 * as digits.
 */
const arrowOverJson = 2;

/** Writes one schema and one record batch: the IPC stream that pyarrow, DuckDB and polars read. */
export function writeArrow(
  rows: readonly Row[],
  columns: readonly RowColumn[],
  maxBytes: number,
): WrittenRows {
  const count = takeWhileFits(rows, rowWriter(columns), maxBytes / arrowOverJson).length;
  const children = columns.map(({ name, type }, column) => {
    const values = arrowColumn(type);
    for (let row = 0; row < count; row++) {
      const fault = values.push(columnValue(rows[row]?.cells[column] ?? null, type));
      if (fault !== undefined) throw new Error(`column "${name}": ${fault}`);
    }
    return values.finish();
  });
  const writer = new RecordBatchStreamWriter();
  writer.write(tableOf(columnsSchema(columns), children, count));
  writer.finish();
  const bytes = writer.toUint8Array(true);
  return { count, body: () => bytes };
}
