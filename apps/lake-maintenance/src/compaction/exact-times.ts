import { nullsOf } from '@sluice/columns';
import type { Column } from '@sluice/event-schema';
import { floorDivide } from '@sluice/values';
import {
  DataType,
  makeData,
  RecordBatch,
  Struct,
  Table,
  TimestampMicrosecond,
  TimeUnit,
  Field,
  Schema,
  type Data,
} from 'apache-arrow';
import { parquetMetadata, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/**
 * Corrects the times of a table that lie outside of the years 1677 to 2262.
 *
 * Firehose writes times as INT96 (a day and the nanoseconds in it). Arrow's readers turn that into 64-bit
 * nanoseconds, which silently wrap around for a time such as 9999-12-31. So these columns are decoded a second time,
 * and held in microseconds. Tables of other files are returned unchanged.
 *
 * @param bytes the Parquet file from which the table was read
 * @param columns columns of times to correct; those that certainly lie near the present may be left out
 */
export async function withExactTimes(
  table: Table,
  bytes: Uint8Array,
  columns: readonly Pick<Column, 'name'>[],
): Promise<Table> {
  const wanted = new Set(columns.map(({ name }) => name));
  const suspects = table.schema.fields
    .filter(({ name, type }: Field<DataType>) => wanted.has(name) && isNanoseconds(type))
    .map(({ name }) => name);
  if (suspects.length === 0) return table;
  const file = arrayBufferOf(bytes);
  const metadata = parquetMetadata(file);
  const names = metadata.schema
    .filter(({ name, type }) => type === 'INT96' && suspects.includes(name))
    .map(({ name }) => name);
  if (names.length === 0) return table;

  const nanos = new Map<string, (bigint | null)[]>(names.map((name) => [name, []]));
  await parquetRead({
    file,
    metadata,
    compressors,
    columns: names,
    parsers: { timestampFromNanoseconds: (value: bigint) => value },
    onChunk: ({ columnName, columnData }) => {
      const values = nanos.get(columnName);
      for (const value of columnData as Iterable<bigint | null | undefined>)
        values?.push(value ?? null);
    },
  });
  return replaceColumns(table, nanos);
}

const isNanoseconds = (type: DataType): boolean =>
  DataType.isTimestamp(type) && type.unit === TimeUnit.NANOSECOND;

const arrayBufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer =>
  buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;

function replaceColumns(
  table: Table,
  nanos: ReadonlyMap<string, readonly (bigint | null)[]>,
): Table {
  const schema = new Schema(
    table.schema.fields.map((field: Field) =>
      nanos.has(field.name) ? new Field(field.name, new TimestampMicrosecond(), true) : field,
    ),
  );
  let start = 0;
  const batches = table.batches.map((batch) => {
    const end = start + batch.numRows;
    const children = batch.data.children.map((child, index): Data => {
      const values = nanos.get(batch.schema.fields[index]?.name ?? '');
      return values ? microseconds(values.slice(start, end)) : child;
    });
    start = end;
    return new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length: batch.numRows, nullCount: 0, children }),
    );
  });
  return new Table(schema, batches);
}

/** Makes a column of times. Fractions of a microsecond are rounded towards the past. */
function microseconds(nanos: readonly (bigint | null)[]): Data {
  const data = new BigInt64Array(nanos.length);
  const valid = new Uint8Array(nanos.length);
  for (const [row, value] of nanos.entries()) {
    if (value === null) continue;
    data[row] = floorDivide(value, 1_000n);
    valid[row] = 1;
  }
  const type = new TimestampMicrosecond();
  return makeData({ type, length: nanos.length, data, ...nullsOf(valid) });
}
