import {
  DuckDBInstance,
  StatementType,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBResult,
} from '@duckdb/node-api';
import { sqlName, sqlText } from '@sluice/event-schema/sql-text';
import { availableParallelism } from 'node:os';
import { StatementError } from './athena-statement';
import type { CatalogView } from './catalog-view';
import type { ParameterValue } from './execution-parameters';
import { sqlTokens } from './sql-text';

export interface SessionOptions {
  /** The only folder that statements can read and write. */
  readonly folder: string;
  readonly database: string;
  readonly views: readonly CatalogView[];
  readonly memoryMb: number;
}

/** Name of the catalog that holds Athena's tables. */
const catalogName = 'awsdatacatalog';

/** Largest amount of disk that one query may use for spilling. */
const maxSpill = '8GB';

// Functions of Athena's dialect that have another name in DuckDB.
const athenaFunctions = [
  'CREATE MACRO json_format(value) AS CAST(value AS VARCHAR)',
  'CREATE MACRO json_parse(value) AS CAST(value AS JSON)',
  'CREATE MACRO json_extract_scalar(value, path) AS json_extract_string(value, path)',
  'CREATE MACRO cardinality(value) AS len(value)',
  'CREATE MACRO from_iso8601_timestamp(value) AS CAST(value AS TIMESTAMPTZ)',
];

/**
 * An embedded DuckDB for one query, which has the query's tables as views and can reach nothing else: it sees one
 * folder of the file system, loads no extension, and accepts no settings and one statement at a time. A view that
 * can't be created, such as over a file that is not Parquet, is missing, and a statement that uses it fails with the
 * reason.
 */
export class DuckDbSession {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /** The reason why a view is missing, by its name. */
  readonly #missing = new Map<string, string>();

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open({ folder, database, views, memoryMb }: SessionOptions): Promise<DuckDbSession> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(Math.min(4, availableParallelism())),
      memory_limit: `${memoryMb}MB`,
    });
    const session = new DuckDbSession(instance, await instance.connect());
    try {
      for (const statement of [
        `SET temp_directory = ${sqlText(folder)}`,
        `SET max_temp_directory_size = '${maxSpill}'`,
        'SET autoinstall_known_extensions = false',
        'SET autoload_known_extensions = false',
        `SET TimeZone = 'UTC'`,
        `SET allowed_directories = [${sqlText(`${folder}/`)}]`,
        'SET enable_external_access = false',
        `ATTACH ':memory:' AS ${catalogName}`,
        ...[...new Set([database, ...views.map((view) => view.database)])].map(
          (name) => `CREATE SCHEMA ${catalogName}.${sqlName(name)}`,
        ),
        `USE ${catalogName}.${sqlName(database)}`,
        ...athenaFunctions,
      ])
        await session.#connection.run(statement);
      await session.#createViews(views);
      await session.#connection.run('SET lock_configuration = true');
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** Creates views, which may depend on each other in any order. */
  async #createViews(views: readonly CatalogView[]): Promise<void> {
    let waiting = views;
    for (;;) {
      const failed: { readonly view: CatalogView; readonly error: unknown }[] = [];
      for (const view of waiting)
        try {
          const name = [catalogName, view.database, view.name].map(sqlName).join('.');
          await this.#connection.run(`CREATE VIEW ${name} AS ${view.sql}`);
        } catch (error) {
          failed.push({ view, error });
        }
      if (failed.length === waiting.length) {
        for (const { view, error } of failed)
          this.#missing.set(view.name, whyMissing(view, (error as Error).message));
        return;
      }
      waiting = failed.map(({ view }) => view);
    }
  }

  /** Replaces the error of a statement that uses a missing view by the reason why it is missing. */
  async #explained<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      let message = (error as Error).message;
      const unasked = new Map(this.#missing);
      for (;;) {
        const [, name = ''] = /Table with name (\w+) does not exist/.exec(message) ?? [];
        const reason = unasked.get(name.toLowerCase());
        if (reason === undefined) break;
        unasked.delete(name.toLowerCase());
        message = reason;
      }
      throw message === (error as Error).message ? error : new Error(message, { cause: error });
    }
  }

  /** Runs a query whose rows are fetched in chunks. @throws {@link StatementError} for anything but one query */
  async query(sql: string, parameters: readonly ParameterValue[]): Promise<DuckDBResult> {
    await this.#explained(this.#check(sql, parameters));
    const prepared = await this.#prepare(sql, parameters);
    return prepared.stream();
  }

  /**
   * Writes a query's rows to one Parquet file in the folder.
   *
   * @returns the number of rows
   * @throws {@link StatementError} for anything but one query
   */
  async copy(
    sql: string,
    parameters: readonly ParameterValue[],
    { file, compression }: { readonly file: string; readonly compression: string },
  ): Promise<number> {
    await this.#explained(this.#check(sql, parameters));
    const prepared = await this.#prepare(
      // The closing parenthesis is on its own line, because the query may end in a comment.
      `COPY (${sql}\n) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION ${compression})`,
      parameters,
    );
    return (await prepared.run()).rowsChanged;
  }

  async #check(sql: string, parameters: readonly ParameterValue[]): Promise<void> {
    const statements = await this.#connection.extractStatements(sql);
    if (statements.count !== 1)
      throw new StatementError(`one statement is run at a time, not ${statements.count}`);
    const prepared = await statements.prepare(0);
    const { statementType, parameterCount } = prepared;
    prepared.destroySync();
    if (statementType !== StatementType.SELECT && statementType !== StatementType.EXPLAIN)
      throw new StatementError(
        `only queries are run here, and this is ${StatementType[statementType]}`,
      );
    if (parameterCount !== parameters.length)
      throw new StatementError(
        `the query has ${parameterCount} parameters, and ${parameters.length} values were given`,
      );
  }

  async #prepare(
    sql: string,
    parameters: readonly ParameterValue[],
  ): Promise<DuckDBPreparedStatement> {
    let index = 0;
    const typed = sqlTokens(sql).map((token) =>
      token === '?' ? placeholder(parameters[index++]) : token,
    );
    const prepared = await this.#connection.prepare(typed.join(''));
    parameters.forEach((value, at) => bind(prepared, at + 1, value));
    return prepared;
  }

  /** Ends the running statement with an error. */
  interrupt(): void {
    this.#connection.interrupt();
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/**
 * Number of lines of the engine's message that are kept; the lines below them show the view's SQL and its reader's
 * options.
 */
const maxMessageLines = 2;

function whyMissing({ name, files }: CatalogView, message: string): string {
  const [paragraph = ''] = message.split('\n\n');
  const told = paragraph.split('\n').slice(0, maxMessageLines).join(' ');
  const isFileNamed = files.length === 0 || files.some((file) => told.includes(file));
  return `the table ${name} can't be read: ${isFileNamed ? '' : `${files.join(', ')}: `}${told}`;
}

/** Returns the placeholder of a parameter. A value that is passed as text is cast to its type. */
const placeholder = (value: ParameterValue | undefined): string => {
  switch (value?.type) {
    case 'date':
      return 'CAST(? AS DATE)';
    case 'timestamp':
      return 'CAST(? AS TIMESTAMP)';
    case 'decimal':
      return 'CAST(? AS DECIMAL(38, 10))';
    default:
      return '?';
  }
};

function bind(prepared: DuckDBPreparedStatement, index: number, value: ParameterValue): void {
  switch (value.type) {
    case 'null':
      prepared.bindNull(index);
      return;
    case 'boolean':
      prepared.bindBoolean(index, value.value);
      return;
    case 'double':
      prepared.bindDouble(index, value.value);
      return;
    case 'bigint': {
      const integer = BigInt(value.text);
      if (integer !== BigInt.asIntN(64, integer))
        throw new StatementError(`the integer ${value.text} does not fit in 64 bits`);
      prepared.bindBigInt(index, integer);
      return;
    }
    default:
      prepared.bindVarchar(index, value.text);
  }
}
