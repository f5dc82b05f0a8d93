import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { athenaClient, stepFunctionsClient } from '@sluice/aws-clients/analytics';
import type { NamedQuery } from '@sluice/event-schema';
import { fromProxyEvent, toProxyResult } from '@sluice/lambda-http';
import { createAnalyticsApi } from './analytics-api';
import { bundledJoinsFile, bundledQueriesFile } from './bundled-definitions';
import type { JoinSummary } from './jobs/join-summary';
import { stepFunctionsJoinRuns } from './jobs/step-functions-join-runs';
import { athenaQueryEngine } from './queries/athena-query-engine';

function environment(name: string, meaning: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the environment variable ${name} is missing: ${meaning}`);
  return value;
}

const bundled = (file: string): unknown =>
  JSON.parse(readFileSync(join(dirname(fileURLToPath(import.meta.url)), file), 'utf8'));

const logger = new Logger({ serviceName: 'analytics' });
const workGroup = environment('WORK_GROUP', 'the Athena workgroup of the lake');

const analyticsApi = createAnalyticsApi({
  queries: bundled(bundledQueriesFile) as readonly NamedQuery[],
  joins: bundled(bundledJoinsFile) as readonly JoinSummary[],
  engine: athenaQueryEngine({
    client: athenaClient(),
    workGroup,
    database: environment('GLUE_DATABASE', 'the Glue database of the lake'),
  }),
  workGroup,
  runs: stepFunctionsJoinRuns({
    client: stepFunctionsClient(),
    stateMachineArnPrefix: environment(
      'JOIN_ARN_PREFIX',
      'the ARN of the joins’ state machines, up to the name of the join',
    ),
  }),
  newId: randomUUID,
  onError: (error, { method, path }) =>
    logger.error('request failed', { error: error as Error, method, path }),
});

export const handler = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> =>
  toProxyResult(await analyticsApi(fromProxyEvent(event)));
