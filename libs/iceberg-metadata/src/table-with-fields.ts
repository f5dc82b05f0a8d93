import { makeData, RecordBatch, Schema, Struct, Table, type Data, type Field } from 'apache-arrow';

/** Returns a table with other fields, and each column's data converted to them. */
export function tableWithFields(
  table: Table,
  fields: Field[],
  convert: (column: Data, index: number) => Data,
): Table {
  const schema = new Schema(fields, table.schema.metadata);
  const type = new Struct(fields);
  const batches = table.batches.map(({ data, numRows: length }) => {
    const children = data.children.map((column, index) => convert(column, index));
    return new RecordBatch(schema, makeData({ type, length, nullCount: 0, children }));
  });
  return new Table(schema, batches);
}
