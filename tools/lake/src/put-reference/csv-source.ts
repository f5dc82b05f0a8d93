import { SourceFileError, type Delimiter } from '@sluice/event-files';
import {
  cellJson,
  createRowWriter,
  openCsvFile,
  type CellColumn,
  type CsvRecord,
} from '@sluice/event-files/tables';
import {
  columnName,
  referenceColumns,
  type Column,
  type JsonSchema,
  type ReferenceTable,
} from '@sluice/event-schema';
import { columnFaults, headerColumn, maxInferredColumns } from './column-names';
import { CsvColumnType } from './csv-column-type';
import { quoted } from './problem-list';
import type { OpenOptions, ReferenceSource, RowsOptions, SourceRow } from './reference-source';

export interface CsvOptions extends OpenOptions {
  /** Delimiter of the file; detected where it is undefined. */
  readonly delimiter: Delimiter | undefined;
}

/**
 * Opens a CSV file whose first record names the columns.
 *
 * @throws SourceFileError where the header is not valid, or lacks columns that the definition requires
 */
export async function openCsv({
  path,
  definition,
  delimiter,
  onBytesRead,
}: CsvOptions): Promise<ReferenceSource> {
  const { header, rows } = await openCsvFile(path, delimiter);
  if (header.length === 0) {
    if (!definition) throw new SourceFileError(`${path} is empty: it has no header`);
    return {
      schema: definition.schema,
      reasons: new Map(),
      leftOut: [],
      rows: () => noRows(),
    };
  }
  checkHeader(path, header);

  const columns = definition ? definedColumns(path, header, definition) : undefined;
  const inferred = columns ? undefined : await inferColumns(rows({ onBytesRead }), header);
  const cellColumns = columns ?? header.map((name) => inferred?.columns.get(name));
  const write = createRowWriter(cellColumns.map((column) => column?.path));
  const jsonOf = (cells: readonly string[]): string =>
    write(cellColumns.map((column, index) => column && cellJson(cells[index] ?? '', column)));
  return {
    schema: definition?.schema ?? inferred?.schema ?? {},
    reasons: inferred?.reasons ?? new Map<string, string>(),
    leftOut: columns ? header.filter((_, index) => columns[index] === undefined) : [],
    rows: async function* ({ problems, onBytesRead: onBytes }: RowsOptions) {
      for await (const { line, cells } of rows({ onBytesRead: onBytes })) {
        const place = { unit: 'line', number: line } as const;
        if (cells.length === header.length) yield [{ place, json: jsonOf(cells) }];
        else
          problems.add(
            place,
            undefined,
            `it has ${cells.length} cells, and the header ${header.length}`,
          );
      }
    },
  };
}

function checkHeader(path: string, header: readonly string[]): void {
  const faults = columnFaults(header.map(headerColumn));
  if (header.length > maxInferredColumns)
    throw new SourceFileError(
      `${path} has ${header.length} columns; a table may have ${maxInferredColumns}`,
    );
  const [first, ...more] = faults;
  if (first !== undefined)
    throw new SourceFileError(
      `${path}, line 1: ${first}${more.length > 0 ? ` (and ${more.length} more of that kind)` : ''}`,
    );
}

/** Returns the definition's column for each cell; undefined where it has none. */
function definedColumns(
  path: string,
  header: readonly string[],
  definition: ReferenceTable,
): readonly (Column | undefined)[] {
  const columns = referenceColumns(definition);
  const names = new Set(header.map((name) => columnName([name])));
  const missing = columns.find(
    ({ name, required, schema }) => required && schema.default === undefined && !names.has(name),
  );
  if (missing)
    throw new SourceFileError(
      `${path}, line 1: the header has no ${quoted(missing.path.join('.'))}, which the definition of ${definition.name} requires`,
    );
  return header.map((name) => columns.find((column) => column.name === columnName([name])));
}

async function inferColumns(
  records: AsyncIterable<CsvRecord>,
  header: readonly string[],
): Promise<{
  readonly schema: JsonSchema;
  readonly columns: ReadonlyMap<string, CellColumn>;
  readonly reasons: ReadonlyMap<string, string>;
}> {
  const types = header.map(() => new CsvColumnType());
  for await (const { line, cells } of records)
    if (cells.length === header.length)
      types.forEach((type, index) => type.observe(cells[index] ?? '', line));
  const properties = Object.fromEntries(
    header.map((name, index) => [name, types[index]?.schema ?? {}]),
  );
  const schema: JsonSchema = { type: 'object', properties, required: header };
  return {
    schema,
    columns: new Map(
      referenceColumns({ name: '', schema }).map((column) => [column.path[0] ?? '', column]),
    ),
    reasons: new Map(header.map((name, index) => [name, types[index]?.reason ?? ''])),
  };
}

// oxlint-disable-next-line typescript/require-await -- it has nothing to wait for.
async function* noRows(): AsyncGenerator<readonly SourceRow[]> {
  yield* [];
}
