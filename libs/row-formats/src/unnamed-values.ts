import type { Column } from '@sluice/event-schema';
import type { FileColumn, Member, ParquetValue, Shape } from '@sluice/parquet-reading';
import { storedJson, withJsonMembers, type StoredValue } from '@sluice/values';
import { cellReader, ColumnTypeError } from './cell-reader';

/** A column of a file for which the table has no column, or only one of a type that can't hold its values. */
export interface UnnamedColumn {
  readonly name: string;
  /** Writes a value, which must not be null, as JSON text, digit for digit. */
  readonly text: (value: NonNullable<ParquetValue>) => string;
}

/**
 * Returns the columns of a file whose values an answer keeps in `unmapped`, as compaction does: those that the
 * definition no longer names, or names with a type that can't hold them.
 *
 * @param tableColumns all columns of the table
 */
export const unnamedColumns = (
  fileColumns: readonly FileColumn[],
  tableColumns: readonly Column[],
): readonly UnnamedColumn[] => {
  const known = new Map(tableColumns.map((column) => [column.name, column]));
  return fileColumns
    .filter(({ name, shape }) => {
      const column = known.get(name);
      return !column || !canRead(column, shape);
    })
    .map(({ name, shape }) => ({ name, text: jsonTextReader(shape) }));
};

export function canRead(column: Column, shape: Shape | undefined): boolean {
  try {
    cellReader(column, shape);
    return true;
  } catch (error) {
    if (error instanceof ColumnTypeError) return false;
    throw error;
  }
}

/** Adds values to the JSON text of `unmapped`. @param object null where there is none yet */
export const withUnnamedValues = (
  object: string | null,
  columns: readonly UnnamedColumn[],
  values: readonly ParquetValue[],
): string | null =>
  withJsonMembers(
    object,
    columns.flatMap(({ name, text }, index) => {
      const value = values[index] ?? null;
      return value === null ? [] : [{ name, text: text(value) }];
    }),
  );

function jsonTextReader(shape: Shape): UnnamedColumn['text'] {
  switch (shape.kind) {
    case 'value': {
      const stored = shape.leaf.type.value;
      return (value) => storedJson(value as StoredValue, stored);
    }
    case 'list': {
      const item = orNull(shape.item);
      return (value) => `[${(value as readonly ParquetValue[]).map(item).join(',')}]`;
    }
    case 'map': {
      const { key, value } = shape;
      const entry = objectReader([
        { name: 'key', shape: key },
        ...(value ? [{ name: 'value', shape: value }] : []),
      ]);
      return (entries) => `[${(entries as readonly StructValue[]).map(entry).join(',')}]`;
    }
    default:
      return objectReader(shape.members) as UnnamedColumn['text'];
  }
}

type StructValue = Readonly<Record<string, ParquetValue>>;

function objectReader(members: readonly Member[]): (value: StructValue) => string {
  const readers = members.map(({ name, shape }) => ({ name, text: orNull(shape) }));
  return (value) => {
    const texts = readers.map(
      ({ name, text }) => `${JSON.stringify(name)}:${text(value[name] ?? null)}`,
    );
    return `{${texts.join(',')}}`;
  };
}

function orNull(shape: Shape): (value: ParquetValue) => string {
  const text = jsonTextReader(shape);
  return (value) => (value === null ? 'null' : text(value));
}
