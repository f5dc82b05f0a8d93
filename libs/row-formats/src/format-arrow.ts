import { arrowColumn, columnsSchema, tableOf } from '@sluice/columns';
import { dateText, decimalText, timeText, type Cell, type ColumnType } from '@sluice/values';
import { RecordBatchStreamWriter } from 'apache-arrow';
import type { Row, RowColumn, WrittenRows } from './format';
import { rowWriter, takeWhileFits } from './format-json';

/** A cell as the builder of Arrow columns takes it: as the ingest does, with every digit. */
function columnValue(cell: Cell, type: ColumnType): unknown {
  if (cell === null) return null;
  switch (type.kind) {
    case 'date':
      return dateText(cell as number);
    case 'timestamp':
      return timeText(cell as bigint, 'micros', 6);
    case 'decimal':
      return decimalText(cell as bigint, type.scale);
    case 'array':
      return (cell as readonly Cell[]).map((item) => columnValue(item, type.items));
    default:
      return cell;
  }
}

/** Bytes travel as base64, and narrow values take more room in Arrow than as JSON digits. */
const arrowOverJson = 2;

/** One schema, one record batch: the IPC stream that pyarrow, DuckDB and polars read. */
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
