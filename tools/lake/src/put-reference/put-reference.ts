import { printable } from '@sluice/terminal/printable-text';
import { SourceFileError, type Delimiter } from '@sluice/event-files';
import {
  columnName,
  defineReference,
  DefinitionError,
  glueType,
  isDefinitionName,
  pathText,
  referenceColumns,
  type Column,
  type ReferenceDefinition,
  type ReferenceTable,
} from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';
import { withoutPeople } from '@sluice/lake-maintenance';
import { ParquetError } from '@sluice/parquet-reading';
import { openReferenceFile } from './open-reference-file';
import { ForeignObjectsError, storeReference } from './store-reference';
import { ProblemList, quoted, type RowLocation } from './problem-list';
import type { ReferenceReport } from './reference-report';
import type { ReferenceSource } from './reference-source';
import { createRowFitter, type FittedRow } from './row-fitter';
import { RowKeys } from './row-keys';
import {
  TableTooLargeError,
  writeTableFile,
  type TableFile,
  type TypedBatch,
  type TypedRow,
} from './table-file';

export interface PutReferenceOptions {
  /** Store of the lake's objects. */
  readonly store: ObjectStore;
  /** Path of a file in `.csv`, `.tsv`, `.ndjson`, `.jsonl` or `.json`, each also with `.gz`; or in `.parquet`. */
  readonly file: string;
  /** Name of the reference table: `[a-z][a-z0-9_]*`. */
  readonly name: string;
  /** Path of the value that is unique for each row; by default the definition's. */
  readonly key?: string | undefined;
  /** Definition to which the rows must conform. Without it the columns are inferred. */
  readonly definition?: ReferenceTable | undefined;
  /** Delimiter of a CSV file; detected where it is not given. */
  readonly delimiter?: Delimiter | undefined;
  /** Decides whether a text names somebody whose rows are left out. @default nobody's are */
  readonly isSuppressed?: ((text: string) => boolean) | undefined;
  /** True to read and check the file without writing anything. */
  readonly dryRun?: boolean;
  readonly onProgress?: ((progress: PutProgress) => void) | undefined;
}

export interface PutProgress {
  /** Stage of the work; `types` only occurs where the columns are inferred. */
  readonly stage: 'types' | 'rows';
  /** Bytes of the file on disk that were read in this stage. */
  readonly bytesRead: number;
}

export type PutReferenceResult =
  | {
      /** Outcome: `unchanged` where the table already holds exactly these rows; `checked` in a dry run. */
      readonly outcome: 'put' | 'unchanged' | 'checked';
      /** Version of the table in the lake; undefined in a dry run. */
      readonly version: string | undefined;
      readonly report: ReferenceReport;
      /** Definition to which the rows conform, given or inferred; it can be kept. */
      readonly definition: ReferenceDefinition;
    }
  | {
      /** The file was refused, and nothing was written. */
      readonly outcome: 'refused';
      /** Sentences about the first 20 problems. */
      readonly problems: readonly string[];
      readonly moreProblems: number;
    };

/** Errors that the user can fix. */
const refusals = [
  DefinitionError,
  ForeignObjectsError,
  ParquetError,
  SourceFileError,
  TableTooLargeError,
];

/**
 * Makes a file the rows of a reference table, if all of it conforms.
 *
 * @throws the error of the store
 */
export async function putReference(options: PutReferenceOptions): Promise<PutReferenceResult> {
  try {
    return await put(options);
  } catch (error) {
    if (!refusals.some((known) => error instanceof known)) throw error;
    return { outcome: 'refused', problems: [printable((error as Error).message)], moreProblems: 0 };
  }
}

async function put(options: PutReferenceOptions): Promise<PutReferenceResult> {
  const { store, name, file, definition, isSuppressed, dryRun = false, onProgress } = options;
  if (!isDefinitionName(name))
    throw new SourceFileError(
      `${quoted(name)} can't be the name of a reference table: use up to 64 letters a to z, digits and _, a letter first`,
    );
  checkKey(options);
  const readBytes = (stage: PutProgress['stage']): ((bytes: number) => void) => {
    let bytesRead = 0;
    return (bytes) => onProgress?.({ stage, bytesRead: (bytesRead += bytes) });
  };
  const source = await openReferenceFile({
    path: file,
    name,
    definition,
    delimiter: options.delimiter,
    onBytesRead: readBytes('types'),
  });
  const fitted = withKey(
    definition ?? defineReference({ name, schema: source.schema }),
    options.key,
  );
  const columns = referenceColumns(fitted);
  const problems = new ProblemList();
  const leftOut = new Map(
    source.leftOut.map((column) => [column, undefined as number | undefined]),
  );
  const rows = typedRows({ source, fitted, problems, leftOut, onBytesRead: readBytes('rows') });
  const table = await writeTableFile(columns, rows);
  if (problems.count > 0)
    return {
      outcome: 'refused',
      problems: problems.listed,
      moreProblems: problems.count - problems.listed.length,
    };

  const { bytes, leftOut: suppressedRows } = isSuppressed
    ? await withoutPeople(table.bytes, fitted, isSuppressed)
    : { bytes: table.bytes, leftOut: 0 };
  const report: ReferenceReport = {
    ...reportOf({ name, fitted, columns, source, table, leftOut }),
    ...{ rows: table.rows - suppressedRows, bytes: bytes.length, suppressedRows },
  };
  if (dryRun) return { outcome: 'checked', version: undefined, report, definition: fitted };
  const placed = await storeReference({ store, name, bytes });
  return {
    outcome: placed.isNew ? 'put' : 'unchanged',
    version: placed.version,
    report,
    definition: fitted,
  };
}

/** Checks the key that was asked for. @throws SourceFileError where the definition has another one */
function checkKey({ name, key, definition }: PutReferenceOptions): void {
  const defined = definition?.key;
  if (key === undefined || defined === undefined) return;
  if (columnName([key]) !== columnName([defined]))
    throw new SourceFileError(
      `the reference table "${name}" is defined with the key "${defined}", not ${quoted(key)}; ` +
        'leave the key out, or change the definition',
    );
}

const keyKinds: ReadonlySet<string> = new Set(['bigint', 'string', 'timestamp', 'date', 'decimal']);

/** Adds the key to a reference table. @throws SourceFileError where no column of the table can be that key */
function withKey(reference: ReferenceTable, key: string | undefined): ReferenceTable {
  if (key === undefined || reference.key !== undefined) return reference;
  const columns = referenceColumns(reference);
  const column = columns.find(({ name }) => name === columnName([key]));
  if (!column) {
    const known = columns.map(({ path }) => quoted(pathText(path)));
    throw new SourceFileError(
      `there is no ${quoted(key)} that could be the key; there is ${known.slice(0, 20).join(', ')}` +
        (known.length > 20 ? ', …' : ''),
    );
  }
  if (!keyKinds.has(column.type.kind))
    throw new SourceFileError(
      `${quoted(key)} can't be the key, since it is of type ${glueType(column.type)}; use a text, an integer, a date or a time`,
    );
  return { ...reference, key: pathText(column.path) };
}

/** Yields the rows that conform, in the source's batches, until there is a problem; after that, only searches for further problems. */
async function* typedRows({
  source,
  fitted,
  problems,
  leftOut,
  onBytesRead,
}: {
  readonly source: ReferenceSource;
  readonly fitted: ReferenceTable;
  readonly problems: ProblemList;
  readonly leftOut: Map<string, number | undefined>;
  readonly onBytesRead: (bytes: number) => void;
}): AsyncGenerator<TypedBatch> {
  let fit: ReturnType<typeof createRowFitter> | undefined;
  const keyName = fitted.key === undefined ? undefined : columnName([fitted.key]);
  const keyColumn = referenceColumns(fitted).find((column) => column.name === keyName);
  const keys = keyColumn && new RowKeys(keyColumn.type);
  const checkKeyOf = (key: unknown, place: RowLocation): void => {
    const fault = keys?.check(key, place);
    if (fault !== undefined) problems.add(place, fitted.key, fault);
  };
  for await (const batch of source.rows({ problems, onBytesRead })) {
    if ('columns' in batch) {
      const { place, rows, columns } = batch;
      if (keyColumn)
        for (let row = 0; row < rows; row++)
          checkKeyOf(columns.get(keyColumn.name)?.[row], { ...place, number: place.number + row });
      if (problems.count === 0) yield batch;
      continue;
    }
    const typed: TypedRow[] = [];
    for (const row of batch) {
      const result: FittedRow = (fit ??= createRowFitter(fitted.name, fitted.schema))(row);
      if (!result.ok) {
        problems.add(row.place, result.column, result.detail);
        continue;
      }
      for (const path of result.leftOut) leftOut.set(path, (leftOut.get(path) ?? 0) + 1);
      if (keyColumn) checkKeyOf(result.row[keyColumn.name], row.place);
      if (problems.count === 0) typed.push({ row: result.row, characters: row.json.length });
    }
    if (typed.length > 0) yield typed;
  }
}

function reportOf({
  name,
  fitted,
  columns,
  source,
  table,
  leftOut,
}: {
  readonly name: string;
  readonly fitted: ReferenceTable;
  readonly columns: readonly Column[];
  readonly source: ReferenceSource;
  readonly table: TableFile;
  readonly leftOut: ReadonlyMap<string, number | undefined>;
}): Omit<ReferenceReport, 'suppressedRows'> {
  return {
    name,
    key: fitted.key,
    rows: table.rows,
    bytes: table.bytes.length,
    columns: columns.map(({ name: column, path, type }) => ({
      column,
      path: pathText(path),
      type,
      nulls: table.nulls.get(column) ?? 0,
      reason: source.reasons.get(pathText(path)) ?? 'as defined',
    })),
    leftOut: [...leftOut].map(([path, rows]) => ({ path, rows: rows ?? table.rows })),
  };
}
