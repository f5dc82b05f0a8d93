import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { athenaClient, stepFunctionsClient } from '@sluice/aws-clients/analytics';
import { bundleFolder, requiredVariables } from '@sluice/aws-clients/environment';
import { secretReader } from '@sluice/aws-clients/secrets';
import type { NamedQuery } from '@sluice/event-schema';
import { readBundledScopes } from '@sluice/event-schema/node';
import { bundledAccessFile, bundledJoinsFile, bundledQueriesFile } from './bundled-definitions';
import { functionTraces } from '@sluice/traces/function';
import { analyticsHandler } from './handler';
import type { ReadAccess } from './http/read-access';
import type { JoinSummary } from './jobs/join-summary';
import { stepFunctionsJoinRuns } from './jobs/step-functions-join-runs';
import { athenaQueryEngine } from './queries/athena-query-engine';
import { lambdaTelemetry } from './telemetry';

const { WORK_GROUP, GLUE_DATABASE, JOIN_ARN_PREFIX } = requiredVariables({
  WORK_GROUP: 'the Athena workgroup of the lake',
  GLUE_DATABASE: 'the Glue database of the lake',
  JOIN_ARN_PREFIX: 'the ARN of the joins’ state machines, up to the name of the join',
});
const bundled = (file: string): unknown =>
  JSON.parse(readFileSync(join(bundleFolder(), file), 'utf8'));

const telemetry = lambdaTelemetry();

export const handler = analyticsHandler({
  queries: bundled(bundledQueriesFile) as readonly NamedQuery[],
  joins: bundled(bundledJoinsFile) as readonly JoinSummary[],
  access: bundled(bundledAccessFile) as ReadAccess,
  // Set where a column is restricted, or a key has its own scopes.
  scopesOf: readBundledScopes(bundleFolder(), process.env['API_KEYS']),
  engine: athenaQueryEngine({
    client: athenaClient(),
    workGroup: WORK_GROUP,
    database: GLUE_DATABASE,
  }),
  workGroup: WORK_GROUP,
  runs: stepFunctionsJoinRuns({
    client: stepFunctionsClient(),
    stateMachineArnPrefix: JOIN_ARN_PREFIX,
  }),
  newId: randomUUID,
  telemetry,
  traces: functionTraces({
    service: 'analytics',
    readSecret: secretReader(),
    telemetry,
  }),
});
