import { columnName, type Column } from '@sluice/event-schema';
import {
  ParquetError,
  readFooter,
  readRows,
  type FileColumn,
  type ParquetValue,
  type Shape,
} from '@sluice/parquet-reading';
import { SourceFileError, type ReadOptions } from '../text-file';
import { isJson } from '../json-texts';
import type { EventText } from './event-text';
import { openParquetFile, readParquetFile } from './parquet-file';
import { jsonWriter, NotJsonError, unfitShape, type WriteJson } from './parquet-value';
import { clashOfPaths, createRowWriter } from './row-writer';

/** A value of each row: a column of the file, or a member of a struct. */
interface RowValue {
  /** Index of the file's column. */
  readonly at: number;
  /** Names of the members below the column. */
  readonly below: readonly string[];
  /** Path of the value in the event. */
  readonly path: readonly string[];
  readonly shape: Shape;
  /** Column of the event type; undefined where it has none. */
  readonly column: Column | undefined;
}

/**
 * Opens a Parquet file.
 *
 * @returns a function that reads its rows, each as JSON text
 * @param columns of the event type
 * @throws {@link SourceFileError} where it is not a Parquet file, has a type without a form in JSON, or two columns
 * that are one of the event type's
 */
export async function parquetTexts(
  path: string,
  columns: readonly Column[],
): Promise<(options?: ReadOptions) => AsyncIterable<EventText>> {
  const footer = await readParquetFile(path, readFooter);
  const values = rowValues(footer.columns, columns);
  for (const { path: at, shape } of values) {
    const unfit = unfitShape(shape);
    if (unfit !== undefined)
      throw new SourceFileError(`${path}: column "${at.join('.')}": ${unfit}`);
  }
  const clash = clashOfPaths(values.map((value) => value.path));
  if (clash) {
    const names = clash.map((index) => JSON.stringify(nameOf(footer.columns, values[index])));
    throw new SourceFileError(`${path}: ${names.join(' and ')} are one column; rename one of them`);
  }
  const write = createRowWriter(values.map((value) => value.path));
  const writers = values.map((value) => valueWriter(value));
  return async function* (options = {}) {
    const file = await openParquetFile(path, options);
    let position = 0;
    try {
      for await (const rows of readRows(file.source, footer))
        for (const row of rows) {
          position++;
          let fault: string | undefined;
          const texts = values.map(({ at, below, path: name }, index) => {
            try {
              return writers[index]?.(valueAt(row[at] ?? null, below));
            } catch (error) {
              if (!(error instanceof NotJsonError)) throw error;
              fault ??= `column "${name.join('.')}": ${error.message}`;
              return undefined;
            }
          });
          yield { position, text: write(texts), ...(fault !== undefined && { fault }) };
        }
    } catch (error) {
      if (error instanceof ParquetError)
        throw new SourceFileError(`${path}, after row ${position}: ${error.message}`);
      throw error;
    } finally {
      await file.close();
    }
  };
}

/** Returns the name of a value in its file. */
const nameOf = (columns: readonly FileColumn[], value: RowValue | undefined): string =>
  value ? [columns[value.at]?.name ?? '', ...value.below].join('.') : '';

/** Matches the file's columns with the event type's. A struct that the event type stores as JSON text is not split. */
function rowValues(
  fileColumns: readonly FileColumn[],
  columns: readonly Column[],
): readonly RowValue[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const values: RowValue[] = [];
  const visit = (at: number, shape: Shape, names: readonly string[]): void => {
    const column = byName.get(columnName(names));
    if (shape.kind === 'struct' && !column)
      for (const { name, shape: member } of shape.members) visit(at, member, [...names, name]);
    else values.push({ at, below: names.slice(1), path: column?.path ?? names, shape, column });
  };
  fileColumns.forEach(({ name, shape }, at) => visit(at, shape, [name]));
  return values;
}

/** Returns a function that writes a value; it returns undefined for a value that is to be absent. */
function valueWriter({ shape, column }: RowValue): (value: ParquetValue) => string | undefined {
  const writeJson: WriteJson = jsonWriter(shape);
  return (value) => {
    // A table has null where an event has no member.
    if (value === null && !column?.nullable) return undefined;
    if (column?.type.kind === 'json' && typeof value === 'string' && isJson(value)) return value;
    return writeJson(value);
  };
}

const valueAt = (value: ParquetValue, below: readonly string[]): ParquetValue =>
  below.reduce<ParquetValue>(
    (at, name) => (at as Readonly<Record<string, ParquetValue>> | null)?.[name] ?? null,
    value,
  );
