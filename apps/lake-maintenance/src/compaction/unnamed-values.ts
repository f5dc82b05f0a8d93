import { arrowColumn, decimalText, timestampText } from '@sluice/columns';
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
    column.push(withMembers((texts?.get(row) ?? null) as string | null, members));
  }
  return column.finish();
}

/** Adds members to the JSON text of an object, whose own text stays as it is. A name that is there gets `_stored` behind it. */
export function withMembers(
  object: string | null,
  members: readonly { readonly name: string; readonly text: string }[],
): string | null {
  if (members.length === 0) return object;
  const known = new Set(object === null ? [] : memberNames(object));
  const added = members.map(({ name, text }) => {
    let free = name;
    while (known.has(free)) free += '_stored';
    known.add(free);
    return `${JSON.stringify(free)}:${text}`;
  });
  const inner = object?.trim().slice(1, -1).trim() ?? '';
  return `{${[...(inner === '' ? [] : [inner]), ...added].join(',')}}`;
}

const memberNames = (object: string): readonly string[] =>
  Object.keys(JSON.parse(object) as object);

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
  if (DataType.isDecimal(type)) return decimalText(vector);
  if (DataType.isTimestamp(type)) {
    const text = timestampText(vector, 6);
    return (row) =>
      `"${text(row)
        .replace(' ', 'T')
        .replace(/\.?0+$/, '')}Z"`;
  }
  if (DataType.isDate(type))
    return (row) => `"${new Date(get(row) as number).toISOString().slice(0, 10)}"`;
  if (DataType.isBinary(type) || DataType.isLargeBinary(type))
    return (row) => {
      // Hive writes texts without saying that they are.
      const bytes = Buffer.from(get(row) as Uint8Array);
      const text = bytes.toString('utf8');
      return JSON.stringify(Buffer.from(text).equals(bytes) ? text : bytes.toString('base64'));
    };
  return (row) => jsonText(get(row));
}

/** JSON has no word for numbers that are none. */
const jsonText = (value: unknown): string => {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner,
  );
};
