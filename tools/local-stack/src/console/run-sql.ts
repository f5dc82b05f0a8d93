import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { errorText, type LakeNames } from '@sluice/lake';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SqlEngine {
  readonly client: AthenaClient;
  readonly workGroup: string;
  readonly database: string;
}

/** A part of a result. The columns come first, the end last. */
export type SqlPart =
  | { readonly columns: readonly { readonly name: string; readonly type: string }[] }
  | { readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly rowCount: number; readonly isCut: boolean; readonly milliseconds: number }
  | { readonly message: string };

/** Largest number of rows of one result. */
const maxSqlRows = 1_000_000;
const pageRows = 1_000;
const pollMs = 40;

/** Runs a query by Athena's protocol and yields its result in parts. If the reader stops, the query is stopped too. */
export async function* runSql(
  { client, workGroup, database }: SqlEngine,
  sql: string,
  signal: AbortSignal,
): AsyncGenerator<SqlPart> {
  const startMs = Date.now();
  const { QueryExecutionId } = await client.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      WorkGroup: workGroup,
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
    }),
  );
  let isOver = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { QueryExecution } = await client.send(
        new GetQueryExecutionCommand({ QueryExecutionId }),
      );
      const { State, StateChangeReason } = QueryExecution?.Status ?? {};
      if (State === 'SUCCEEDED') break;
      if (State === 'FAILED' || State === 'CANCELLED') {
        isOver = true;
        const reason = StateChangeReason ?? 'the query was stopped';
        const engine = { client, workGroup, database };
        // This query for names is not one of the user's.
        const message =
          sql === namesQuery ? reason : errorText(reason, sql, await lakeNames(engine, signal));
        yield { message };
        return;
      }
      await sleep(pollMs);
    }
    isOver = true;
    let token: string | undefined;
    let rowCount = 0;
    do {
      signal.throwIfAborted();
      const { ResultSet, NextToken } = await client.send(
        new GetQueryResultsCommand({
          QueryExecutionId,
          MaxResults: pageRows,
          ...(token !== undefined && { NextToken: token }),
        }),
      );
      const columns = (ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(
        ({ Name = '', Type = '' }) => ({ name: Name, type: Type }),
      );
      if (token === undefined) yield { columns };
      const rows = (ResultSet?.Rows ?? []).map(({ Data = [] }) =>
        Data.map(({ VarCharValue }) => VarCharValue ?? null),
      );
      // The first page of a SELECT begins with a row of column names.
      const isHeader =
        token === undefined && rows[0]?.every((cell, index) => cell === columns[index]?.name);
      const own = isHeader === true ? rows.slice(1) : rows;
      rowCount += own.length;
      yield { rows: own };
      token = NextToken;
    } while (token !== undefined && rowCount < maxSqlRows);
    yield { rowCount, isCut: token !== undefined, milliseconds: Date.now() - startMs };
  } finally {
    if (!isOver)
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId })).catch(() => undefined);
  }
}

const namesQuery = 'select table_name, column_name from information_schema.columns';

/** Returns the names of tables and columns; none where they can't be read. */
async function lakeNames(engine: SqlEngine, signal: AbortSignal): Promise<LakeNames> {
  const tables = new Set<string>();
  const columns = new Set<string>();
  for await (const part of runSql(engine, namesQuery, signal))
    if ('rows' in part)
      for (const [table, column] of part.rows) {
        if (table !== null && table !== undefined) tables.add(table);
        if (column !== null && column !== undefined) columns.add(column);
      }
  return { tables: [...tables], columns: [...columns] };
}
