import { arrowColumn, storedType, storedValues } from '@sluice/columns';
import { storedJson, withJsonMembers } from '@sluice/values';
import { DataType, Vector, type Data } from 'apache-arrow';

/** A column of a file for which the schema has no column, or only one that can't hold its values. */
export interface UnnamedColumn {
  readonly name: string;
  readonly data: Data;
}

/**
 * Adds the values of further columns to the column `unmapped` of some rows, as members with the columns' names:
 * values that the definition no longer names, or names with a type that can't hold them.
 *
 * @param unmapped the file's column; undefined where it has none
 * @returns a column of JSON text; `unmapped` itself where no row has a value to add
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

/** Returns a function that reads values, which must not be null, as JSON text, digit for digit. */
function jsonTextReader(vector: Vector): (row: number) => string {
  const type = vector.type as DataType;
  if (DataType.isList(type) || DataType.isFixedSizeList(type))
    return (row) => {
      const items = vector.get(row) as Vector;
      const item = orNull(items);
      return `[${Array.from({ length: items.length }, (_, index) => item(index)).join(',')}]`;
    };
  if (DataType.isStruct(type)) {
    const members = type.children.map(({ name }) => ({
      name: JSON.stringify(name),
      text: orNull(vector.getChild(name as never) as Vector),
    }));
    return (row) => `{${members.map(({ name, text }) => `${name}:${text(row)}`).join(',')}}`;
  }
  const stored = storedType(type);
  const value = storedValues(vector);
  return (row) => storedJson(value(row), stored);
}

function orNull(vector: Vector): (row: number) => string {
  const text = jsonTextReader(vector);
  return (row) => (vector.isValid(row) ? text(row) : 'null');
}
