import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBResult } from '@duckdb/node-api';
import { objectFile } from '@sluice/local-state-files';
import { parseStatement, StatementError, type AthenaStatement } from './athena-statement';
import { catalogViews, type Catalog } from './catalog-views';
import { DuckDbSession } from './duckdb-session';
import { parseExecutionParameter, type ParameterValue } from './execution-parameters';
import { FileGoneError, FileSnapshot } from './file-snapshot';
import { writeResult, type ResultRow } from './result-file';
import { resultColumn, resultText, type ResultColumn } from './result-text';

export interface QueryEngineOptions {
  readonly catalog: Catalog;
  /** Folder in which the objects are stored, as `<bucket>/<key>`. */
  readonly objects: string;
  /** Memory of one query's engine, in MB; it spills to disk beyond that. */
  readonly memoryMb: number;
}

export interface Query {
  readonly id: string;
  readonly sql: string;
  /** SQL literals, like Athena's `ExecutionParameters`. */
  readonly parameters: readonly string[];
  /** Object to which the result is written. */
  readonly output: { readonly bucket: string; readonly key: string };
}

export interface QueryResult {
  /** Columns of the rows; none for an UNLOAD. */
  readonly columns: readonly ResultColumn[];
  readonly rows: number;
  readonly isUnload: boolean;
}

export type QueryOutcome =
  | { readonly ok: true; readonly result: QueryResult }
  /** The query failed. The message is meant for the person who wrote the query. */
  | { readonly ok: false; readonly message: string };

/** Largest number of attempts for a query whose files are deleted while it runs. */
const maxAttempts = 5;

/**
 * Runs a query over the lake's files and writes its result as objects: CSV for a SELECT; Parquet and a list of its
 * files for an UNLOAD, or neither where it has no rows. A result appears whole or not at all.
 *
 * @throws for a broken disk; faults of the query or its files are returned as an outcome
 */
export async function runQuery(
  options: QueryEngineOptions,
  query: Query,
  signal: AbortSignal,
): Promise<QueryOutcome> {
  for (let attempt = 1; ; attempt++) {
    const snapshot = await FileSnapshot.make(options.objects);
    try {
      const statement = parseStatement(query.sql);
      const parameters = query.parameters.map(parseExecutionParameter);
      const result = await inSession({ ...options, snapshot, statement, signal }, (session) =>
        statement.kind === 'select'
          ? select({ ...options, snapshot, session, query, sql: statement.sql, parameters })
          : unload({ ...options, snapshot, session, query, statement, parameters }),
      );
      return { ok: true, result };
    } catch (error) {
      if (error instanceof FileGoneError && attempt < maxAttempts) continue;
      const { syscall, message } = error as NodeJS.ErrnoException;
      if (syscall !== undefined) throw error;
      return { ok: false, message: snapshot.withAddresses(message) };
    } finally {
      await snapshot.remove();
    }
  }
}

export interface SessionOverFiles extends Pick<
  QueryEngineOptions,
  'catalog' | 'objects' | 'memoryMb'
> {
  readonly snapshot: FileSnapshot;
  readonly statement: Pick<AthenaStatement, 'sql'>;
  readonly signal: AbortSignal;
}

const interruptEveryMs = 20;

/** Opens a DuckDB session over the tables that a statement needs, and closes it when the callback's promise settles. */
export async function inSession<T>(
  { catalog, objects, memoryMb, snapshot, statement, signal }: SessionOverFiles,
  use: (session: DuckDbSession) => Promise<T>,
): Promise<T> {
  const views = await catalogViews({ catalog, objects, snapshot, sql: statement.sql });
  const session = await DuckDbSession.open({
    folder: snapshot.folder,
    database: catalog.database,
    views,
    memoryMb,
  });
  let again: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    session.interrupt();
    // DuckDB ignores an interrupt that comes before the statement has begun.
    again = setInterval(() => session.interrupt(), interruptEveryMs);
  };
  signal.addEventListener('abort', interrupt);
  try {
    signal.throwIfAborted();
    return await use(session);
  } finally {
    signal.removeEventListener('abort', interrupt);
    clearInterval(again);
    session.close();
  }
}

interface Work extends QueryEngineOptions {
  readonly snapshot: FileSnapshot;
  readonly session: DuckDbSession;
  readonly query: Query;
  readonly parameters: readonly ParameterValue[];
}

async function select({
  objects,
  snapshot,
  session,
  query,
  sql,
  parameters,
}: Work & { readonly sql: string }): Promise<QueryResult> {
  const result = await session.query(sql, parameters);
  const columns = resultColumns(result);
  const file = snapshot.file('result.csv');
  const names = columns.map(({ name }) => name);
  const rows = await writeResult(file, names, resultRows(result));
  await moveToObject(objects, query.output, file);
  return { columns, rows, isUnload: false };
}

const resultColumns = (result: DuckDBResult): readonly ResultColumn[] =>
  result.columnNames().map((name, index) => resultColumn(name, result.columnType(index)));

/** Yields rows as texts, in DuckDB's chunks. */
async function* resultRows(result: DuckDBResult): AsyncGenerator<readonly ResultRow[]> {
  const types = result.columnTypes();
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    yield chunk.getRows().map((row) =>
      row.map((value, index) => {
        const type = types[index];
        return type ? resultText(value, type) : null;
      }),
    );
  }
}

async function unload({
  objects,
  snapshot,
  session,
  query,
  statement,
  parameters,
}: Work & {
  readonly statement: Extract<AthenaStatement, { readonly kind: 'unload' }>;
}): Promise<QueryResult> {
  const { bucket, prefix, compression } = statement;
  const target = { bucket, key: `${prefix}${query.id}` };
  const folder = dirname(objectPath(objects, target));
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new StatementError(`HIVE_PATH_ALREADY_EXISTS: s3://${bucket}/${prefix} is not empty`);
  const file = snapshot.file('unload.parquet');
  const rows = await session.copy(statement.sql, parameters, { file, compression });
  if (rows > 0) {
    await moveToObject(objects, target, file);
    const manifest = snapshot.file('manifest.csv');
    await writeFile(manifest, `s3://${target.bucket}/${target.key}\n`);
    await moveToObject(objects, query.output, manifest);
  }
  return { columns: [], rows, isUnload: true };
}

interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

/** Returns the path of an object. @throws {@link StatementError} where no file can have its key */
function objectPath(objects: string, { bucket, key }: ObjectAddress): string {
  const path = objectFile(objects, bucket, key);
  if (path === undefined || !existsSync(join(objects, bucket)))
    throw new StatementError(`nothing can be written to s3://${bucket}/${key}`);
  return path;
}

async function moveToObject(objects: string, address: ObjectAddress, file: string): Promise<void> {
  const path = objectPath(objects, address);
  await mkdir(dirname(path), { recursive: true });
  await rename(file, path);
}
