import {
  DataType,
  Field,
  List,
  makeData,
  TimestampMicrosecond,
  TimeUnit,
  type Data,
  type Table,
} from 'apache-arrow';
import { tableWithFields } from './table-with-fields';

/**
 * Returns a table whose times, including those in lists, are in microseconds: the only unit of times in a data file
 * of Iceberg (specification, appendix A, Parquet), and Spark reads every other unit as if it were this one. Returns
 * the same object where nothing has to change.
 */
export function inMicroseconds(table: Table): Table {
  const fields = table.schema.fields.map((field: Field): Field => {
    const type = microsecondType(field.type as DataType);
    return type === field.type
      ? field
      : new Field(field.name, type, field.nullable, field.metadata);
  });
  if (fields.every((field, index) => field === table.schema.fields[index])) return table;
  return tableWithFields(table, fields, microsecondData);
}

const isMilliseconds = (type: DataType): boolean =>
  DataType.isTimestamp(type) && type.unit === TimeUnit.MILLISECOND;

function microsecondType(type: DataType): DataType {
  if (isMilliseconds(type)) return new TimestampMicrosecond();
  if (!DataType.isList(type)) return type;
  const [items] = type.children;
  const itemType = items && microsecondType(items.type as DataType);
  return !itemType || itemType === items.type
    ? type
    : new List(new Field(items.name, itemType, items.nullable, items.metadata));
}

function microsecondData(data: Data): Data {
  const type = microsecondType(data.type);
  if (type === data.type) return data;
  const { length, offset, nullCount, nullBitmap, children } = data;
  if (!isMilliseconds(data.type))
    return data.clone(
      type,
      offset,
      length,
      nullCount,
      data.buffers as Parameters<Data['clone']>[4],
      children.map(microsecondData),
    );
  const millis = data.values as BigInt64Array;
  const micros = new BigInt64Array(length);
  for (let row = 0; row < length; row++) micros[row] = (millis[row] ?? 0n) * 1_000n;
  return makeData({
    type: new TimestampMicrosecond(),
    length,
    offset,
    nullCount,
    nullBitmap,
    data: micros,
  });
}
