import {
  AthenaClient,
  AthenaServiceException,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  type QueryExecution as AthenaExecution,
} from '@aws-sdk/client-athena';
import { EngineBusy, type QueryEngine, type QueryExecution, type ResultPage } from './query-engine';

export interface AthenaQueryEngineOptions {
  readonly client: AthenaClient;
  readonly workGroup: string;
  readonly database: string;
}

/** Largest number of rows in a page (API reference: GetQueryResults). */
const maxPageRows = 1_000;

/**
 * Returns an engine that runs queries on Athena in one workgroup, whose settings say where results are stored and how
 * much a query may scan.
 */
export const athenaQueryEngine = ({
  client,
  workGroup,
  database,
}: AthenaQueryEngineOptions): QueryEngine => ({
  async start({ sql, parameters }) {
    try {
      const { QueryExecutionId } = await client.send(
        new StartQueryExecutionCommand({
          QueryString: sql,
          // Athena refuses an empty list.
          ...(parameters.length > 0 && { ExecutionParameters: [...parameters] }),
          QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
          WorkGroup: workGroup,
        }),
      );
      return QueryExecutionId ?? '';
    } catch (error) {
      if (isNamed(error, 'TooManyRequestsException'))
        throw new EngineBusy('too many queries are running', { cause: error });
      throw error;
    }
  },
  async find(id) {
    try {
      const { QueryExecution: found } = await client.send(
        new GetQueryExecutionCommand({ QueryExecutionId: id }),
      );
      return found && execution(id, found);
    } catch (error) {
      // Athena answers InvalidRequest for an id that it does not know, and AccessDenied for one of a workgroup that
      // the role may not read.
      if (isNamed(error, 'InvalidRequestException', 'AccessDeniedException')) return undefined;
      throw error;
    }
  },
  async page(id, maxRows, token) {
    const isFirst = token === undefined;
    try {
      const { ResultSet, NextToken } = await client.send(
        new GetQueryResultsCommand({
          QueryExecutionId: id,
          // The first page of a SELECT begins with a row of column names.
          MaxResults: Math.min(maxPageRows, maxRows + (isFirst ? 1 : 0)),
          ...(!isFirst && { NextToken: token }),
        }),
      );
      const rows = (ResultSet?.Rows ?? []).map(({ Data = [] }) =>
        Data.map(({ VarCharValue }) => VarCharValue ?? null),
      );
      return {
        columns: (ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(
          ({ Name = '', Type = '', Precision, Scale }) => ({
            name: Name,
            type: Type,
            ...(Precision !== undefined && { precision: Precision }),
            ...(Scale !== undefined && { scale: Scale }),
          }),
        ),
        rows: isFirst ? rows.slice(1) : rows,
        ...(NextToken && { nextToken: NextToken }),
      } satisfies ResultPage;
    } catch (error) {
      // For a succeeded execution this means that the token is not one of its own, or its results have expired.
      if (isNamed(error, 'InvalidRequestException')) return undefined;
      throw error;
    }
  },
  async stop(id) {
    await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
  },
});

function execution(
  id: string,
  { Query = '', WorkGroup = '', Status, Statistics }: AthenaExecution,
): QueryExecution {
  const reason = Status?.AthenaError?.ErrorMessage ?? Status?.StateChangeReason;
  return {
    id,
    workGroup: WorkGroup,
    sql: Query,
    state: Status?.State ?? 'QUEUED',
    ...(reason && { reason }),
    ...(Status?.SubmissionDateTime && { submittedAt: Status.SubmissionDateTime }),
    ...(Statistics?.DataScannedInBytes !== undefined && {
      bytesScanned: Statistics.DataScannedInBytes,
    }),
  };
}

const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof AthenaServiceException && names.includes(error.name);
