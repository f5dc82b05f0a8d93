import type { Column } from '@sluice/event-schema';
import type { FileColumn, ParquetValue, Shape } from '@sluice/parquet-reading';
import { dateText, decimalText, timestampText } from '@sluice/row-formats';
import { cellReader, ColumnTypeError, microsOf } from './cell-reader';

/** A column of a file that the table has no column for, or none that its values can be read as. */
export interface UnnamedColumn {
  readonly name: string;
  /** Reads a value that is not null as JSON text, digit for digit. */
  readonly text: (value: NonNullable<ParquetValue>) => string;
}

/**
 * The columns of a file whose values an answer keeps in `unmapped`, as compaction does: those that the definition no longer names, or
 * names in a type that can't hold them.
 *
 * @param tableColumns all that the table has
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

/** Adds values to the JSON text of an object, whose own text stays as it is. A name that is there gets `_stored` behind it. */
export function withUnnamedValues(
  object: string | null,
  columns: readonly UnnamedColumn[],
  values: readonly ParquetValue[],
): string | null {
  const known = new Set(object === null ? [] : Object.keys(JSON.parse(object) as object));
  const inner = object?.trim().slice(1, -1).trim() ?? '';
  const added = columns.flatMap(({ name, text }, index) => {
    const value = values[index] ?? null;
    if (value === null) return [];
    let free = name;
    while (known.has(free)) free += '_stored';
    known.add(free);
    return [`${JSON.stringify(free)}:${text(value)}`];
  });
  if (added.length === 0) return object;
  return `{${[...(inner === '' ? [] : [inner]), ...added].join(',')}}`;
}

function jsonTextReader(shape: Shape): UnnamedColumn['text'] {
  if (shape.kind === 'list') {
    const text = jsonTextReader(shape.item);
    return (value) =>
      `[${(value as readonly ParquetValue[]).map((each) => (each === null ? 'null' : text(each))).join(',')}]`;
  }
  const stored = shape.kind === 'value' ? shape.leaf.type.value : undefined;
  switch (stored?.kind) {
    case 'decimal':
      return (value) => decimalText(value as bigint, stored.scale);
    case 'date':
      return (value) => JSON.stringify(dateText(value as number));
    case 'timestamp':
      return (value) =>
        JSON.stringify(
          timestampText(microsOf[stored.unit](value as bigint), 6).replace(/\.?0+Z$/, 'Z'),
        );
    default:
      return anyText;
  }
}

/** JSON has no word for numbers that are none, and none for bytes. Hive writes texts without saying that they are. */
function anyText(value: ParquetValue): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value);
    const text = bytes.toString('utf8');
    return JSON.stringify(Buffer.from(text).equals(bytes) ? text : bytes.toString('base64'));
  }
  if (Array.isArray(value)) return `[${(value as readonly ParquetValue[]).map(anyText).join(',')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, inner]) => `${JSON.stringify(name)}:${anyText(inner)}`)
      .join(',')}}`;
  return JSON.stringify(value);
}
