import { randomUUID } from 'node:crypto';
import { ServiceError, type JsonService } from '@sluice/local-http';
import type { QueryExecution, QueryExecutions } from './query-executions';
import type { ResultColumn } from './result-text';
import type { ResultRow } from './result-file';

/** Largest number of rows in one answer. Source: Athena API reference, "GetQueryResults". */
const maxResults = 1000;

/** Returns the Athena operations that Sluice's functions use, in Athena's JSON protocol. */
export const athenaApi = (executions: QueryExecutions): JsonService => ({
  target: 'AmazonAthena',
  signingName: 'athena',
  version: '1.1',
  resourcesOf: (operation, input, arnOf) => {
    const name =
      operation === 'StartQueryExecution'
        ? workGroupOf(input)
        : // Executions of several workgroups may be asked for at once.
          operation === 'BatchGetQueryExecution'
          ? '*'
          : executions.get(executionId(input)).workGroup;
    return [arnOf(`workgroup/${name}`)];
  },
  operations: {
    StartQueryExecution: (input) => {
      const { id } = startQuery(executions, input);
      return { QueryExecutionId: id };
    },
    GetQueryExecution: (input) => ({
      QueryExecution: describeQuery(executions.get(executionId(input)), seconds),
    }),
    GetQueryResults: (input) => queryResults(executions, input),
    StopQueryExecution: (input) => {
      executions.stop(executionId(input));
      return {};
    },
    BatchGetQueryExecution: (input) => batchGet(executions, input),
  },
});

/**
 * Returns Athena's operations in the form in which tasks of a state machine call them: in the same process, with
 * times in milliseconds.
 */
export function athenaTasks(executions: QueryExecutions) {
  const describe = (execution: QueryExecution): object => describeQuery(execution, (ms) => ms);
  return {
    /** Starts a query. @returns the execution's id. @throws {@link ServiceError} */
    start: (input: Input): string => startQuery(executions, input).id,
    /** Describes a query's execution. @throws {@link ServiceError} */
    describe: (id: string): object => describe(executions.get(id)),
    /** Reads a page of a query's results. @throws {@link ServiceError} */
    results: (input: Input): Promise<object> => queryResults(executions, input),
    /** Resolves when the query has ended. @throws {@link ServiceError} */
    finished: async (
      id: string,
    ): Promise<{ readonly isSuccess: boolean; readonly description: object }> => {
      const execution = await executions.finished(id);
      return { isSuccess: execution.state === 'SUCCEEDED', description: describe(execution) };
    },
    /** Cancels a query; does nothing where it has ended. @throws {@link ServiceError} */
    stop: (id: string): void => executions.stop(id),
  };
}

type Input = Readonly<Record<string, unknown>>;

/** Returns the workgroup that a query's start names, or the one that every account has. */
const workGroupOf = (input: Input): string =>
  typeof input['WorkGroup'] === 'string' ? input['WorkGroup'] : 'primary';

/** Starts a query. @throws {@link ServiceError} */
const startQuery = (executions: QueryExecutions, input: Input): QueryExecution => {
  const { Database } = (input['QueryExecutionContext'] ?? {}) as { readonly Database?: string };
  const { OutputLocation } = (input['ResultConfiguration'] ?? {}) as {
    readonly OutputLocation?: string;
  };
  const parameters = input['ExecutionParameters'] ?? [];
  if (!Array.isArray(parameters) || !parameters.every((one) => typeof one === 'string'))
    throw invalid('ExecutionParameters is not a list of texts');
  return executions.start({
    sql: text(input, 'QueryString'),
    parameters,
    database: Database,
    workGroup: workGroupOf(input),
    outputLocation: OutputLocation,
    token:
      typeof input['ClientRequestToken'] === 'string' ? input['ClientRequestToken'] : randomUUID(),
  });
};

/** Reads a page of a query's results. @throws {@link ServiceError} */
async function queryResults(executions: QueryExecutions, input: Input): Promise<object> {
  const token = input['NextToken'];
  const limit = input['MaxResults'] ?? maxResults;
  if (typeof limit !== 'number' || !(limit >= 1 && limit <= maxResults))
    throw invalid(`MaxResults is a number from 1 to ${maxResults}`);
  const { rows, nextByte, columns } = await executions.results(executionId(input), {
    fromByte: token === undefined ? 0 : byteOf(token),
    maxRows: limit,
  });
  return {
    UpdateCount: 0,
    ResultSet: {
      Rows: rows.map(resultRow),
      ResultSetMetadata: { ColumnInfo: columns.map(columnInfo) },
    },
    ...(nextByte !== undefined && { NextToken: tokenOf(nextByte) }),
  };
}

/** Describes an execution as the API does. @param time converts a time in milliseconds to the unit of the caller */
const describeQuery = (execution: QueryExecution, time: (ms: number) => number): object => {
  const {
    output,
    reason,
    submittedAtMs,
    startedAtMs,
    completedAtMs,
    isUnload,
    rows = 0,
  } = execution;
  const location = `s3://${output.bucket}/${output.key}`;
  return {
    QueryExecutionId: execution.id,
    Query: execution.sql,
    StatementType: 'DML',
    SubstatementType: isUnload === true ? 'UNLOAD' : 'SELECT',
    ResultConfiguration: { OutputLocation: location },
    QueryExecutionContext: { Database: execution.database, Catalog: 'awsdatacatalog' },
    Status: {
      State: execution.state,
      SubmissionDateTime: time(submittedAtMs),
      ...(completedAtMs !== undefined && { CompletionDateTime: time(completedAtMs) }),
      ...(reason !== undefined && { StateChangeReason: reason }),
      ...(execution.state === 'FAILED' && {
        AthenaError: { ErrorCategory: 2, ErrorType: 1, Retryable: false, ErrorMessage: reason },
      }),
    },
    Statistics: {
      ...(startedAtMs !== undefined && { QueryQueueTimeInMillis: startedAtMs - submittedAtMs }),
      ...(startedAtMs !== undefined &&
        completedAtMs !== undefined && {
          EngineExecutionTimeInMillis: completedAtMs - startedAtMs,
        }),
      ...(completedAtMs !== undefined && {
        TotalExecutionTimeInMillis: completedAtMs - submittedAtMs,
      }),
      ...(isUnload === true && rows > 0 && { DataManifestLocation: location }),
    },
    WorkGroup: execution.workGroup,
    EngineVersion: {
      SelectedEngineVersion: 'Athena engine version 3',
      EffectiveEngineVersion: 'Athena engine version 3',
    },
    ...(execution.parameters.length > 0 && { ExecutionParameters: execution.parameters }),
  };
};

function batchGet(executions: QueryExecutions, input: Input): object {
  const ids = input['QueryExecutionIds'];
  if (!Array.isArray(ids)) throw invalid('QueryExecutionIds is not a list');
  const found: object[] = [];
  const unknown: object[] = [];
  for (const id of ids.map(String))
    try {
      found.push(describeQuery(executions.get(id), seconds));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      unknown.push({ QueryExecutionId: id, ErrorCode: error.code, ErrorMessage: error.message });
    }
  return { QueryExecutions: found, UnprocessedQueryExecutionIds: unknown };
}

const seconds = (ms: number): number => ms / 1000;

const resultRow = (row: ResultRow): object => ({
  Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
});

const columnInfo = ({ name, type, precision, scale }: ResultColumn): object => ({
  CatalogName: 'hive',
  SchemaName: '',
  TableName: '',
  Name: name,
  Label: name,
  Type: type,
  Precision: precision,
  Scale: scale,
  Nullable: 'UNKNOWN',
  CaseSensitive: type === 'varchar',
});

const tokenOf = (byte: number): string => Buffer.from(`byte ${byte}`).toString('base64url');

function byteOf(token: unknown): number {
  const [, byte] =
    /^byte (\d{1,15})$/.exec(Buffer.from(String(token), 'base64url').toString()) ?? [];
  if (byte === undefined) throw invalid('NextToken is not one that this query gave');
  return Number(byte);
}

const executionId = (input: Input): string => text(input, 'QueryExecutionId');

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string') throw invalid(`${name} is missing`);
  return value;
}

const invalid = (message: string): ServiceError =>
  new ServiceError('InvalidRequestException', message);
