import { isJson, SourceFileError } from '@sluice/event-files';
import {
  columnSchema,
  createRowWriter,
  jsonWriter,
  NotJsonError,
  openParquetFile,
  readParquetFile,
  unfitShape,
} from '@sluice/event-files/tables';
import {
  columnName,
  pathText,
  referenceColumns,
  type Column,
  type JsonSchema,
} from '@sluice/event-schema';
import {
  readFooter,
  readColumns,
  type ColumnBatch,
  type ParquetFooter,
  type ParquetValue,
  type FileColumn as ParquetColumn,
  type Shape,
} from '@sluice/parquet-reading';
import { columnFaults, maxInferredColumns } from './column-names';
import { quoted, type ProblemList } from './problem-list';
import type {
  ColumnRows,
  OpenOptions,
  ReferenceSource,
  RowsOptions,
  SourceRow,
} from './reference-source';
import { undecided, valueTaker } from './value-taker';

/** A column of the table that comes from the file. Members of structs are columns of their own. */
interface FileColumn {
  readonly path: readonly string[];
  readonly name: string;
  readonly shape: Shape;
  /** Index of the file's column that it is, or to which it belongs. */
  readonly at: number;
}

/**
 * Opens a Parquet file. Without a definition, the file's own types decide. A definition's columns are found by their
 * names, whether the file is flat or nested.
 *
 * @throws SourceFileError where it is not a Parquet file, or its columns can't be those of a table
 */
export async function openParquet({
  path,
  definition,
}: Pick<OpenOptions, 'path' | 'definition'>): Promise<ReferenceSource> {
  const footer = await readParquetFile(path, readFooter);
  const fileColumns = columnsOf(footer.columns);
  const [fault] = [
    ...columnFaults(fileColumns),
    ...fileColumns.flatMap(({ path: at, shape }) => {
      const unfit = unfitShape(shape);
      return unfit === undefined ? [] : [`column ${quoted(pathText(at))}: ${unfit}`];
    }),
  ];
  if (fault !== undefined) throw new SourceFileError(`${path}: ${fault}`);
  if (fileColumns.length > maxInferredColumns)
    throw new SourceFileError(
      `${path} has ${fileColumns.length} columns; a table may have ${maxInferredColumns}`,
    );
  const schema = definition?.schema ?? nestedSchema(fileColumns);
  const tableColumns = new Map(
    referenceColumns({ name: '', schema }).map((column) => [column.name, column]),
  );
  const targets = fileColumns.map(({ name }) => tableColumns.get(name));
  return {
    schema,
    reasons: new Map(
      definition
        ? []
        : fileColumns.map(({ path: at, shape }) => [
            pathText(at),
            `the file's type: ${typeName(shape)}`,
          ]),
    ),
    leftOut: fileColumns
      .filter((_, index) => targets[index] === undefined)
      .map(({ path: at }) => pathText(at)),
    rows: (options) =>
      rows({ path, footer, fileColumns, targets, isOwnSchema: definition === undefined, options }),
  };
}

async function* rows({
  path,
  footer,
  fileColumns,
  targets,
  isOwnSchema,
  options: { problems, onBytesRead },
}: {
  readonly path: string;
  readonly footer: ParquetFooter;
  readonly fileColumns: readonly FileColumn[];
  /** Column of the definition for each of `fileColumns`; undefined where it has none. */
  readonly targets: readonly (Column | undefined)[];
  /** True where the columns were made from the file's own types, so that most rows need no check against the schema. */
  readonly isOwnSchema: boolean;
  readonly options: RowsOptions;
}): AsyncGenerator<readonly SourceRow[] | ColumnRows> {
  const take = isOwnSchema ? columnTaker(fileColumns, targets) : () => undefined;
  const write = rowWriter(fileColumns, targets, problems);
  const file = await openParquetFile(path, { onBytesRead });
  let rowsBefore = 0;
  try {
    for await (const batch of readColumns(file.source, footer)) {
      const place = { unit: 'row', number: rowsBefore + 1 } as const;
      const taken = take(batch);
      yield taken ? { place, ...taken } : write(batch, rowsBefore);
      rowsBefore += batch.rows;
    }
  } finally {
    await file.close();
  }
}

/** Returns a function that writes rows as JSON; a row with a value that JSON can't express becomes a problem. */
function rowWriter(
  fileColumns: readonly FileColumn[],
  targets: readonly (Column | undefined)[],
  problems: ProblemList,
): (batch: ColumnBatch, rowsBefore: number) => readonly SourceRow[] {
  const write = createRowWriter(targets.map((target) => target?.path));
  const columns = fileColumns.map(({ path: [, ...below], at, shape }, index) => ({
    at,
    below,
    writeJson: jsonWriter(shape),
    target: targets[index],
  }));
  return (batch, rowsBefore) => {
    const written: SourceRow[] = [];
    for (let row = 0; row < batch.rows; row++) {
      const place = { unit: 'row', number: rowsBefore + row + 1 } as const;
      const known = problems.count;
      const texts = columns.map(({ at, below, writeJson, target }, index) => {
        if (!target) return undefined;
        const value = valueAt(batch.columns[at]?.[row] ?? null, below);
        if (value === null && !target.nullable) return undefined;
        // JSON text is a plain text in our own files. Treated as one, a table that is put again would be quoted
        // again.
        if (target.type.kind === 'json' && typeof value === 'string' && isJson(value)) return value;
        try {
          return writeJson(value);
        } catch (error) {
          if (!(error instanceof NotJsonError)) throw error;
          problems.add(place, pathText(fileColumns[index]?.path ?? []), error.message);
          return undefined;
        }
      });
      if (problems.count === known) written.push({ place, json: write(texts) });
    }
    return written;
  };
}

type TakeColumns = (batch: ColumnBatch) => Omit<ColumnRows, 'place'> | undefined;

/** Number of characters that a value counts for if it is not a text. */
const charactersOfNumber = 8;

function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return charactersOfNumber;
  let characters = charactersOfNumber;
  for (const item of value as readonly unknown[]) characters += charactersOf(item);
  return characters;
}

/**
 * Returns a function that reads the columns of some rows; it returns undefined where the schema has to decide on one of
 * the values.
 */
function columnTaker(
  fileColumns: readonly FileColumn[],
  targets: readonly (Column | undefined)[],
): TakeColumns {
  const takers = fileColumns.flatMap(({ path: [, ...below], at, shape }, index) => {
    const target = targets[index];
    return target ? [{ at, below, name: target.name, take: valueTaker(shape, target.type) }] : [];
  });
  return ({ rows, columns }) => {
    const taken = new Map<string, readonly unknown[]>();
    let characters = 0;
    for (const { at, below, name, take } of takers) {
      const values: unknown[] = [];
      for (const whole of columns[at] ?? []) {
        const value = take(below.length > 0 ? valueAt(whole, below) : whole);
        if (value === undecided) return undefined;
        values.push(value);
        characters += charactersOf(value);
      }
      taken.set(name, values);
    }
    return { rows, columns: taken, characters };
  };
}

function valueAt(value: ParquetValue, below: readonly string[]): ParquetValue {
  let at = value;
  for (const name of below)
    at = (at as Readonly<Record<string, ParquetValue>> | null)?.[name] ?? null;
  return at;
}

function columnsOf(columns: readonly ParquetColumn[]): readonly FileColumn[] {
  const found: FileColumn[] = [];
  const visit = (at: number, shape: Shape, path: readonly string[]): void => {
    if (shape.kind === 'struct')
      for (const member of shape.members) visit(at, member.shape, [...path, member.name]);
    else found.push({ path, name: columnName(path), shape, at });
  };
  columns.forEach(({ name, shape }, at) => visit(at, shape, [name]));
  return found;
}

function nestedSchema(columns: readonly FileColumn[]): JsonSchema {
  const groups = new Map<string, FileColumn[]>();
  for (const column of columns) {
    const [first = ''] = column.path;
    groups.set(first, [...(groups.get(first) ?? []), column]);
  }
  const properties = [...groups].map(([name, group]): [string, JsonSchema] => {
    const [only] = group;
    if (only?.path.length === 1) return [name, columnSchema(only.shape)];
    return [
      name,
      nestedSchema(group.map(({ path, ...rest }) => ({ ...rest, path: path.slice(1) }))),
    ];
  });
  return { type: 'object', properties: Object.fromEntries(properties) };
}

function typeName(shape: Shape): string {
  switch (shape.kind) {
    case 'value':
      return shape.leaf.type.value.kind;
    case 'list':
      return `list of ${shape.item.kind === 'value' ? shape.item.leaf.type.value.kind : `${shape.item.kind}s, as JSON text`}`;
    default:
      return `${shape.kind}, as JSON text`;
  }
}
