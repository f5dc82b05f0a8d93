import { parameterSchema, type NamedQuery } from '@sluice/event-schema';
import {
  documentFrame,
  functionIntegration,
  keyProblemAnswer,
  leftOutHeaderDoc,
  preflight,
  problemAnswer,
  security,
} from '@sluice/lambda-http/openapi';
import { selfDescribed } from '@sluice/lambda-http/self-description';
import { rowsAnswer } from '@sluice/row-formats';
import { listedRuns } from './http/job-requests';
import { maxLimit } from './http/query-requests';
import type { JoinSummary } from './jobs/join-summary';

export interface AnalyticsApiDocumentOptions {
  readonly title: string;
  readonly queries: readonly NamedQuery[];
  readonly joins: readonly Pick<JoinSummary, 'name'>[];
  /** URI by which API Gateway invokes the function: `arn:…:apigateway:…:path/2015-03-31/functions/…/invocations`. */
  readonly functionInvocationUri: string;
}

/** Returns the OpenAPI document of named queries and joins, with the integrations that API Gateway needs. */
export function analyticsApiDocument(options: AnalyticsApiDocumentOptions) {
  const { title, queries, joins, functionInvocationUri } = options;
  const integration = functionIntegration(functionInvocationUri);
  const query = pathParameter(
    'query',
    `To start: the name of a query, ${queries.map(({ name }) => name).join(', ')}. Else the id of an execution.`,
    { type: 'string' },
  );
  const join = pathParameter('join', 'The join.', {
    type: 'string',
    enum: joins.map(({ name }) => name),
  });
  const run = pathParameter('run', 'The id of a run.', { type: 'string' });
  const operation = <Members extends object>(
    operationId: string,
    summary: string,
    members: Members,
  ) => ({
    operationId,
    summary,
    security,
    ...members,
    ...integration,
  });
  return selfDescribed({
    ...documentFrame(title),
    paths: {
      '/v1/queries': {
        get: operation('listQueries', 'The defined queries', {
          responses: { '200': answer('Each with its parameters.', queryList), ...refusals },
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'] }),
      },
      '/v1/queries/{query}': {
        post: operation('startQuery', 'Starts a query', {
          parameters: [query],
          requestBody: {
            description: queries.map(parametersText).join('\n'),
            content: {
              'application/json': { schema: { anyOf: queries.map(parametersSchema) } },
            },
          },
          responses: { '202': answer('The id of the execution.', execution), ...refusals },
        }),
        get: operation('queryRows', 'The state of an execution, then its rows', {
          parameters: [query, ...pageParameters],
          responses: {
            '200': {
              ...rowsAnswer(
                'The rows, or the reason why there are none. Columns that the API key may not see are left out.',
              ),
              headers: leftOutHeaderDoc,
            },
            '202': answer('Not finished; Retry-After says when to ask again.', execution),
            '406': problemAnswer('None of the accepted formats is supported.'),
            '410': problemAnswer('The rows have expired; start the query again.'),
            ...refusals,
          },
        }),
        delete: operation('stopQuery', 'Stops an execution', {
          parameters: [query],
          responses: { '204': { description: 'It is being stopped.' }, ...refusals },
        }),
        options: preflight({ methods: ['GET', 'POST', 'DELETE', 'OPTIONS'], parameters: [query] }),
      },
      '/v1/jobs': {
        get: operation('listJobs', 'The joins', {
          responses: {
            '200': answer('Each with its sides and its schedule.', jobList),
            ...refusals,
          },
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'] }),
      },
      '/v1/jobs/{join}/runs': {
        get: operation('listRuns', 'The latest runs of a join, however they were started', {
          parameters: [join, runLimit],
          responses: { '200': answer('The newest first.', runList), ...refusals },
        }),
        post: operation('startRun', 'Runs a join for one day', {
          parameters: [join],
          requestBody: { content: { 'application/json': { schema: runRequest } } },
          responses: { '202': answer('The id of the run.', runAnswer), ...refusals },
        }),
        options: preflight({ methods: ['GET', 'POST', 'OPTIONS'], parameters: [join] }),
      },
      '/v1/jobs/{join}/runs/{run}': {
        get: operation('showRun', 'The state or the result of a run', {
          parameters: [join, run],
          responses: { '200': answer('State, counts, or why it failed.', runAnswer), ...refusals },
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'], parameters: [join, run] }),
      },
    },
  });
}

const pathParameter = (name: string, description: string, schema: object) => ({
  name,
  in: 'path',
  required: true,
  description,
  schema,
});

const pageParameters = [
  {
    name: 'limit',
    in: 'query',
    description: 'Largest number of rows in the answer.',
    schema: { type: 'integer', minimum: 1, maximum: maxLimit },
  },
  {
    name: 'cursor',
    in: 'query',
    description: 'The cursor of the previous answer.',
    schema: { type: 'string' },
  },
];

const runLimit = {
  name: 'limit',
  in: 'query',
  description: `Largest number of runs in the list; ${listedRuns.otherwise} where it is absent.`,
  schema: { type: 'integer', minimum: 1, maximum: listedRuns.most },
};

const parametersText = ({ name, parameters }: NamedQuery): string =>
  `${name}: ${
    Object.entries(parameters)
      .map(([parameter, { type }]) => `${parameter} (${type})`)
      .join(', ') || 'none'
  }`;

const parametersSchema = ({ name, parameters }: NamedQuery) => ({
  title: name,
  type: 'object',
  required: Object.keys(parameters).filter(
    (parameter) => parameters[parameter]?.default === undefined,
  ),
  properties: Object.fromEntries(
    Object.entries(parameters).map(([parameter, definition]) => {
      // OpenAPI 3.0 does not allow a list of types.
      const { type, ...rest } = parameterSchema(definition);
      return [
        parameter,
        Array.isArray(type)
          ? { ...rest, anyOf: type.map((each: string) => ({ type: each })) }
          : { ...rest, type },
      ];
    }),
  ),
});

const answer = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
});

const text = { type: 'string' };
const moment = { type: 'string', format: 'date-time' };

const execution = {
  type: 'object',
  properties: {
    id: text,
    name: text,
    state: { type: 'string', enum: ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] },
    reason: text,
    submittedAt: moment,
    bytesScanned: { type: 'integer' },
  },
};

const queryList = {
  type: 'object',
  properties: {
    queries: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: text, description: text, parameters: { type: 'object' } },
      },
    },
  },
};

const jobList = {
  type: 'object',
  properties: {
    jobs: {
      type: 'array',
      items: {
        type: 'object',
        properties: Object.fromEntries(
          ['name', 'description', 'left', 'right', 'type', 'schedule', 'engine'].map((name) => [
            name,
            text,
          ]),
        ),
      },
    },
  },
};

const runRequest = {
  type: 'object',
  properties: {
    date: { type: 'string', format: 'date', description: 'UTC; yesterday where it is absent.' },
  },
};

const runAnswer = {
  type: 'object',
  properties: {
    id: text,
    join: text,
    date: text,
    state: { type: 'string', enum: ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] },
    startedAt: moment,
    stoppedAt: moment,
    report: { type: 'object', additionalProperties: { type: 'integer' } },
    failedStep: text,
    reason: text,
  },
};

const runList = {
  type: 'object',
  properties: { runs: { type: 'array', items: runAnswer } },
};

const refusals = {
  '400': problemAnswer('A parameter is missing or invalid.'),
  '403': keyProblemAnswer,
  '404': problemAnswer('There is no such query, execution, join or run.'),
  '429': problemAnswer('Throttled; Retry-After says how many seconds to wait.'),
};
