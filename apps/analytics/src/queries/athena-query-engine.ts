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

/** API reference: GetQueryResults. */
const maxPageRows = 1_000;

/** Runs queries on Athena, in one workgroup, whose settings say where results lie and how much a query may scan. */
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
          // An empty list is refused.
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
      // An id that Athena does not know is an invalid request; one of a workgroup that the role may not read, denied.
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
          // The first page of a SELECT begins with the names of the columns.
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
      // Of a succeeded execution: the token is none of its, or its results have expired.
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
