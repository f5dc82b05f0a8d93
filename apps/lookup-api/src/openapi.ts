// A separate entry point (@sluice/lookup-api/openapi): infra needs the document but nothing else of the function.
import type { EventType } from '@sluice/event-schema';
import {
  documentFrame,
  functionIntegration,
  keyProblemAnswer,
  leftOutHeaderDoc,
  preflight,
  problemAnswer,
  security,
} from '@sluice/lambda-http/openapi';
import { selfDescribed, staticPath } from '@sluice/lambda-http/self-description';
import { rowsAnswer } from '@sluice/row-formats';

export interface LookupApiDocumentOptions {
  readonly title: string;
  readonly eventTypes: readonly EventType[];
  /** URI by which API Gateway invokes the function: `arn:…:apigateway:…:path/2015-03-31/functions/…/invocations`. */
  readonly functionInvocationUri: string;
}

/** Returns the OpenAPI document of the look-up API, with the integrations that API Gateway needs. */
export function lookupApiDocument(options: LookupApiDocumentOptions) {
  const { title, eventTypes, functionInvocationUri } = options;
  const integration = functionIntegration(functionInvocationUri);
  const eventTypeParameter = {
    name: 'event_type',
    in: 'path',
    required: true,
    description: 'The event type to search.',
    schema: { type: 'string', enum: eventTypes.map(({ name }) => name) },
  };
  const byKey = (operationId: string, summary: string) => ({
    operationId,
    summary,
    security,
    parameters: [eventTypeParameter, ...queryParameters, ...indexParameters(eventTypes)],
    responses,
    ...integration,
  });
  return selfDescribed({
    ...documentFrame(title),
    paths: {
      '/v1/events': staticPath('listEventTypes', 'The event types that can be looked up', {
        eventTypes: eventTypes.map(({ name, version, description, key, indexes = [] }) => ({
          name,
          version,
          ...(description !== undefined && { description }),
          key,
          ...(indexes.length > 0 && { indexes }),
          get: `/v1/events/${name}?id={${key}}`,
        })),
      }),
      '/v1/events/{event_type}': {
        get: byKey('lookupRows', 'Rows by id'),
        head: byKey('lookupHeaders', 'The headers of the answer to GET'),
        options: preflight({
          methods: ['GET', 'HEAD', 'OPTIONS'],
          parameters: [eventTypeParameter],
        }),
      },
      '/v1/events/{event_type}/lookup': {
        post: {
          operationId: 'lookupRowsOfIds',
          summary: 'Rows of up to 100 ids, or of a value of an index',
          security,
          parameters: [eventTypeParameter],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: batchRequest(eventTypes) } },
          },
          responses,
          ...integration,
        },
        options: preflight({ methods: ['POST', 'OPTIONS'], parameters: [eventTypeParameter] }),
      },
    },
  });
}

const date = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };

const moment = { type: 'string', description: 'A time such as 2026-01-31T12:00:00Z, or a date.' };
const rowOrder = { type: 'string', enum: ['asc', 'desc'] };

const parameter = (name: string, description: string, schema: object, required = false) => ({
  name,
  in: 'query',
  required,
  description,
  schema,
});

const queryParameters = [
  parameter('id', "Value of the event type's key; left out where an index is asked.", {
    type: 'string',
  }),
  parameter('date', 'Day of arrival, UTC. Without any day: the last 31, today included.', date),
  parameter('from', 'First day of a range, at most 31 days.', date),
  parameter('to', 'Last day of the range, inclusive.', date),
  parameter(
    'eventDate',
    "Day of the events' own time, UTC; looks at the days of arrival from the day before it on.",
    date,
  ),
  parameter('since', 'First moment, inclusive: time of the event, else of its arrival.', moment),
  parameter('until', 'Last moment, exclusive.', moment),
  parameter('order', 'By time within an id; asc by default.', rowOrder),
  parameter('latest', '1 for the latest row of each id only.', { type: 'string', enum: ['1'] }),
  parameter('columns', 'Columns of the answer, separated by commas.', { type: 'string' }),
  parameter('limit', 'Largest number of rows in the answer.', { type: 'integer', minimum: 1 }),
  parameter('cursor', 'The cursor of the previous answer.', { type: 'string' }),
  parameter('explain', 'Adds the plan: what was read, and how long it took.', { type: 'boolean' }),
];

/** Matches names that API Gateway accepts for a parameter. Others work too, but are not declared. */
const declarable = /^[a-zA-Z0-9._$-]+$/;

/** Returns a parameter for each index, with the event types that have it. */
const indexParameters = (eventTypes: readonly EventType[]): readonly object[] =>
  [...namesByIndex(eventTypes)]
    .filter(([path]) => declarable.test(path))
    .map(([path, names]) =>
      parameter(path, `Instead of id: rows of ${names.join(', ')} with this value.`, {
        type: 'string',
      }),
    );

/** Returns the paths of all indexes with the names of the event types that have them. */
function namesByIndex(eventTypes: readonly EventType[]): ReadonlyMap<string, readonly string[]> {
  const byPath = new Map<string, string[]>();
  for (const { name, indexes = [] } of eventTypes)
    for (const path of indexes) byPath.set(path, [...(byPath.get(path) ?? []), name]);
  return byPath;
}

const askedValue = { anyOf: [{ type: 'string' }, { type: 'integer' }] };

/** Returns the schema of the body of a POST, which has either ids or one value of an index. */
const batchRequest = (eventTypes: readonly EventType[]) => ({
  type: 'object',
  properties: {
    ids: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: askedValue,
    },
    ...Object.fromEntries(
      [...namesByIndex(eventTypes)].map(([path, names]) => [
        path,
        {
          ...askedValue,
          description: `Instead of ids: rows of ${names.join(', ')} with this value.`,
        },
      ]),
    ),
    date,
    from: date,
    to: date,
    eventDate: date,
    since: moment,
    until: moment,
    order: rowOrder,
    latest: { type: 'boolean' },
    columns: { type: 'array', items: { type: 'string' } },
    limit: { type: 'integer', minimum: 1 },
    cursor: { type: 'string' },
    explain: { type: 'boolean' },
  },
});

const responses = {
  '200': {
    ...rowsAnswer(
      'The rows; there may be none. Columns that the API key may not see are left out.',
    ),
    headers: leftOutHeaderDoc,
  },
  '304': { description: 'Not modified since the ETag.' },
  '400': problemAnswer('A parameter is missing or invalid.'),
  '403': keyProblemAnswer,
  '404': problemAnswer('Unknown event type.'),
  '409': problemAnswer('Too much of the table is not indexed by this value yet.'),
  '429': problemAnswer('Throttled; Retry-After says how many seconds to wait.'),
};
