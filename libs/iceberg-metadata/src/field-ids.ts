import { Field, List, type DataType, type Table } from 'apache-arrow';
import type { ColumnIds } from './iceberg-schema';
import { tableWithFields } from './table-with-fields';

/**
 * Metadata key of an Arrow field in which the encoder looks for the id to write (parquet crate,
 * `PARQUET_FIELD_ID_META_KEY`).
 */
const fieldIdKey = 'PARQUET:field_id';

/**
 * Returns a table whose columns carry their ids, which the encoder writes into the file. If any column has no id,
 * none gets one, because an engine that finds a single id in a file no longer looks up any column by its name.
 */
export function withFieldIds(table: Table, ids: ReadonlyMap<string, ColumnIds>): Table {
  const fields: Field[] = [];
  for (const field of table.schema.fields) {
    const withId = fieldWithId(field, ids.get(field.name));
    if (!withId) return table;
    fields.push(withId);
  }
  return tableWithFields(table, fields, (child, index) =>
    child.clone(fields[index]?.type as DataType),
  );
}

function fieldWithId(
  { name, type, nullable }: Field,
  ids: ColumnIds | undefined,
): Field | undefined {
  if (!ids) return undefined;
  const metadata = new Map([[fieldIdKey, String(ids.id)]]);
  if (!(type instanceof List)) return new Field(name, type as DataType, nullable, metadata);
  const [items] = type.children;
  if (!items || ids.elementId === undefined) return undefined;
  const element = new Field(
    items.name,
    items.type as DataType,
    items.nullable,
    new Map([[fieldIdKey, String(ids.elementId)]]),
  );
  return new Field(name, new List(element), nullable, metadata);
}
