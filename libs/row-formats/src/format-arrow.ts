import {
  Field,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
} from 'apache-arrow';
import { arrowType } from '@sluice/event-schema/arrow';
import { columnBuilder } from '@sluice/parquet-writing/columns';
import { dateText, decimalText, timeText, type Cell, type ColumnType } from '@sluice/values';
import type { Row, RowColumn, WrittenRows } from './format';
import { rowWriter, takeWhileFits } from './format-json';

/** A cell as the builder of Arrow columns takes it: as the ingest does, with every digit. */
function builderValue(cell: Cell, type: ColumnType): unknown {
  if (cell === null) return null;
  switch (type.kind) {
    case 'date':
      return dateText(cell as number);
    case 'timestamp':
      return timeText(cell as bigint, 'micros', 6);
    case 'decimal':
      return decimalText(cell as bigint, type.scale);
    case 'array':
      return (cell as readonly Cell[]).map((item) => builderValue(item, type.items));
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
  const schema = new Schema(
    columns.map(({ name, type }) => new Field(name, arrowType(type), true)),
  );
  const children = columns.map(({ name, type }, column) => {
    const builder = columnBuilder(type);
    for (let row = 0; row < count; row++) {
      const fault = builder.set(row, builderValue(rows[row]?.cells[column] ?? null, type));
      if (fault !== undefined) throw new Error(`column "${name}": ${fault}`);
    }
    return builder.finish(count);
  });
  const data = makeData({ type: new Struct(schema.fields), length: count, nullCount: 0, children });
  const writer = new RecordBatchStreamWriter();
  writer.write(new RecordBatch(schema, data));
  writer.finish();
  const bytes = writer.toUint8Array(true);
  return { count, body: () => bytes };
}
