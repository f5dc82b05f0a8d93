import {
  Field,
  makeBuilder,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  makeData,
  type Data,
} from 'apache-arrow';
import type { Column, ColumnType } from '@sluice/event-schema';
import { arrowType } from '@sluice/event-schema/arrow';
import type { Cell } from './cell';
import type { WrittenRows } from './format';
import { rowWriter, takeWhileFits } from './format-json';
import type { FoundRow } from './row-collector';

/** What Arrow's builder takes for a cell. */
function arrowValue(cell: Cell, type: ColumnType): unknown {
  if (cell === null) return null;
  switch (type.kind) {
    case 'date':
      return new Date((cell as number) * msPerDay);
    case 'timestamp':
      return type.digits > 3 ? cell : Number(cell) / 1000;
    case 'decimal':
      return int128Words(cell as bigint);
    case 'array':
      return (cell as readonly Cell[]).map((item) => arrowValue(item, type.items));
    default:
      return cell;
  }
}

const msPerDay = 86_400_000;

/** Little-endian two's complement, as Arrow's 128-bit decimals lie in memory. */
function int128Words(value: bigint): Uint32Array {
  const bits = BigInt.asUintN(128, value);
  return Uint32Array.from({ length: 4 }, (_, index) =>
    Number((bits >> BigInt(32 * index)) & 0xffffffffn),
  );
}

function columnData(rows: readonly FoundRow[], index: number, type: ColumnType): Data {
  const builder = makeBuilder({ type: arrowType(type), nullValues: [null] });
  for (const { cells } of rows) builder.append(arrowValue(cells[index] ?? null, type));
  return builder.finish().flush() as Data;
}

/** Bytes travel as base64, and narrow values take more room in Arrow than as JSON digits. */
const arrowOverJson = 2;

/** One schema, one record batch: the IPC stream that pyarrow, DuckDB and polars read. */
export function writeArrow(
  rows: readonly FoundRow[],
  columns: readonly Column[],
  maxBytes: number,
): WrittenRows {
  const count = takeWhileFits(rows, rowWriter(columns), maxBytes / arrowOverJson).length;
  const schema = new Schema(
    columns.map(({ name, type }) => new Field(name, arrowType(type), true)),
  );
  const children = columns.map(({ type }, index) => columnData(rows.slice(0, count), index, type));
  const data = makeData({ type: new Struct(schema.fields), length: count, nullCount: 0, children });
  const writer = new RecordBatchStreamWriter();
  writer.write(new RecordBatch(schema, data as never));
  writer.finish();
  const bytes = writer.toUint8Array(true);
  return { count, body: () => bytes };
}
