import { arrowColumn, storedReader, storedType } from '@sluice/columns';
import { storedJson, withJsonMembers } from '@sluice/values';
import { DataType, Vector, type Data } from 'apache-arrow';

/** A column of a file that the schema has no column for, or none that its values fit in. */
export interface UnnamedColumn {
  readonly name: string;
  readonly data: Data;
}

/**
 * The column `unmapped` of some rows, with the values of further columns in it as members of their names: what a definition no
 * longer names, or names in a type that can't hold it, is kept there.
 *
 * @param unmapped what the file has; undefined where it has no such column
 * @returns a column of JSON text; what was given where no row has a value to add
 */
export function withUnnamedValues(
  unmapped: Data | undefined,
  columns: readonly UnnamedColumn[],
  rows: number,
): Data | undefined {
  const valued = columns.filter(({ data }) => data.nullCount < data.length);
  if (valued.length === 0) return unmapped;
  const texts = unmapped && new Vector([unmapped]);
  const readers = valued.map(({ name, data }) => {
    const vector = new Vector([data]);
    const text = jsonTextReader(vector);
    return {
      name,
      textAt: (row: number): string | undefined => (vector.isValid(row) ? text(row) : undefined),
    };
  });
  const column = arrowColumn({ kind: 'json' });
  for (let row = 0; row < rows; row++) {
    const members = readers.flatMap(({ name, textAt }) => {
      const text = textAt(row);
      return text === undefined ? [] : [{ name, text }];
    });
    column.push(withJsonMembers((texts?.get(row) ?? null) as string | null, members));
  }
  return column.finish();
}

/** Reads values that are not null as JSON text, digit for digit. */
function jsonTextReader(vector: Vector): (row: number) => string {
  const type = vector.type as DataType;
  const get = (row: number): unknown => vector.get(row);
  if (DataType.isList(type) || DataType.isFixedSizeList(type))
    return (row) => {
      const items = get(row) as Vector;
      const text = jsonTextReader(items);
      const texts = Array.from({ length: items.length }, (_, item) =>
        items.isValid(item) ? text(item) : 'null',
      );
      return `[${texts.join(',')}]`;
    };
  if (DataType.isStruct(type)) {
    const members = type.children.map(({ name }) => {
      const child = vector.getChild(name as never) as Vector;
      return { name: JSON.stringify(name), child, text: jsonTextReader(child) };
    });
    return (row) => {
      const texts = members.map(
        ({ name, child, text }) => `${name}:${child.isValid(row) ? text(row) : 'null'}`,
      );
      return `{${texts.join(',')}}`;
    };
  }
  const stored = storedType(type);
  const read = storedReader(vector);
  if (stored.kind === 'opaque') return (row) => jsonText(read(row));
  return (row) => storedJson(read(row), stored);
}

const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
