// A separate entry point (@sluice/operations/openapi): infra needs the document but nothing else of the function.
import { tableName, type EventType } from '@sluice/event-schema';
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
import { askableTypes } from '@sluice/schema-inference';
import { rowsAnswer } from '@sluice/row-formats';

export interface OperationsApiDocumentOptions {
  readonly title: string;
  readonly eventTypes: readonly EventType[];
  /** URI by which API Gateway invokes the function: `arn:…:apigateway:…:path/2015-03-31/functions/…/invocations`. */
  readonly functionInvocationUri: string;
}

/** Returns the OpenAPI document of the operations API, with the integrations that API Gateway needs. */
export function operationsApiDocument(options: OperationsApiDocumentOptions) {
  const { title, eventTypes, functionInvocationUri } = options;
  const integration = functionIntegration(functionInvocationUri);
  const subject = [pathParameter('subject', 'Value that names the person, in clear.')];
  const table = pathParameter('table', `The table: ${eventTypes.map(tableName).join(', ')}.`);
  const operation = <Members extends object>(
    operationId: string,
    summary: string,
    members: Members,
  ) => ({ operationId, summary, security, ...members, ...integration });
  const answered = (description: string, status = '200') => ({
    responses: { [status]: answer(description), ...refusals },
  });
  return selfDescribed({
    ...documentFrame(title),
    paths: {
      '/v1/lake': {
        get: operation('describeLake', 'Rows, rates, days, backlog and failures of each table', {
          ...answered('The state of each table, derived from its objects.'),
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'] }),
      },
      '/v1/lake/{table}/days': {
        get: operation('listDays', 'The days of a table, the newest first', {
          parameters: [table],
          ...answered(
            'Each day with its state, rows, files, what waits for compaction, and the rows that erasures of people removed.',
          ),
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'], parameters: [table] }),
      },
      '/v1/lake/{table}/rows': {
        get: operation('latestRows', 'The latest rows of a table, from its newest files', {
          parameters: [
            table,
            parameter('limit', 'Largest number of rows in the answer; 50 by default.', {
              type: 'integer',
              minimum: 1,
              maximum: 1_000,
            }),
          ],
          responses: {
            '200': {
              ...rowsAnswer(
                'The rows, the newest first. Columns that the API key may not see are left out.',
              ),
              headers: leftOutHeaderDoc,
            },
            ...refusals,
          },
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'], parameters: [table] }),
      },
      '/v1/lake/{table}/definitions': {
        get: operation('listDefinitions', 'The definitions by which rows were stored', {
          parameters: [table],
          ...answered('The newest first, each with its changes and whom these break.'),
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'], parameters: [table] }),
      },
      '/v1/lake/{table}/snapshots': {
        get: operation('listSnapshots', 'The snapshots of a table that SQL can still query', {
          parameters: [table],
          ...answered('The newest first, at most 50.'),
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'], parameters: [table] }),
      },
      '/v1/lake/{table}/compactions': {
        post: operation('startCompaction', 'Compacts a table now, or seals a day', {
          parameters: [table],
          requestBody: body(
            object({
              date: { ...day, description: 'By default every day that has something to do.' },
              seal: { type: 'boolean', description: 'Seals that day at any time.' },
            }),
          ),
          ...answered('It has begun; Location is the address of its state.', '202'),
        }),
        options: preflight({ methods: ['POST', 'OPTIONS'], parameters: [table] }),
      },
      '/v1/lake/{table}/compactions/{id}': {
        get: operation('showCompaction', 'The state or the result of a compaction', {
          parameters: [table, pathParameter('id', 'The id of the run.')],
          ...answered('Its state, and its result once it is done.'),
        }),
        options: preflight({
          methods: ['GET', 'OPTIONS'],
          parameters: [table, pathParameter('id', 'The id of the run.')],
        }),
      },
      '/v1/event-types': {
        get: operation('describeEventTypes', 'Event types with their schemas and columns', {
          ...answered('Each definition, with the columns that follow from it.'),
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'] }),
      },
      '/v1/inferences': {
        post: operation('inferEventType', 'Infers an event type from a sample; stores nothing', {
          parameters: [
            { ...parameter('name', 'Name of the event type.', { type: 'string' }), required: true },
            parameter('key', 'Field for look-ups.', { type: 'string' }),
            parameter('identity', 'Field that identifies an event.', { type: 'string' }),
            parameter(
              'types',
              `Types of fields (${askableTypes.join(', ')}), as a JSON object by their paths; events with other values would fail.`,
              { type: 'string' },
            ),
          ],
          requestBody: {
            description: 'Events: lines of JSON, or an array.',
            content: { 'application/x-ndjson': { schema: { type: 'string' } } },
          },
          ...answered('The definition, with reasons.'),
        }),
        options: preflight({ methods: ['POST', 'OPTIONS'] }),
      },
      '/v1/failures': {
        get: operation('listFailures', 'Failed records by reason and location', {
          parameters: [
            parameter('table', 'All tables by default.', { type: 'string' }),
            parameter('from', 'First day of the error output.', day),
            parameter('to', 'Last day of it, inclusive.', day),
            parameter('samples', 'Samples of each reason; 3 by default.', {
              type: 'integer',
              minimum: 0,
              maximum: 5,
            }),
          ],
          ...answered('Counts over time, decoded samples, and suggested fixes.'),
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'] }),
      },
      '/v1/replays': {
        post: operation('startReplay', 'Sends failed records again, or tries that in a dry run', {
          requestBody: body(replayRequest),
          responses: {
            '200': answer('With dryRun: what would be sent, with samples before and after.'),
            '202': answer('It has begun; Location is the address of its state.'),
            ...refusals,
          },
        }),
        options: preflight({ methods: ['POST', 'OPTIONS'] }),
      },
      '/v1/replays/{id}': {
        get: operation('showReplay', 'The state or the result of a replay', {
          parameters: [pathParameter('id', 'The id of the run.')],
          ...answered('Its state, and its report once it is done.'),
        }),
        options: preflight({
          methods: ['GET', 'OPTIONS'],
          parameters: [pathParameter('id', 'The id of the run.')],
        }),
      },
      '/v1/erasures': {
        post: operation(
          'requestErasure',
          'Hides a person at once, and erases the person from the lake',
          {
            requestBody: body(
              object(
                {
                  subject: {
                    type: 'string',
                    minLength: 1,
                    maxLength: 1_024,
                    description: 'Value that names the person, in clear.',
                  },
                  eventType: {
                    type: 'string',
                    description:
                      'By default every event type and every reference table that names people.',
                  },
                  suppress: {
                    type: 'boolean',
                    description: 'Also drops later events of the person.',
                  },
                },
                ['subject'],
              ),
            ),
            responses: {
              '202': answer('The person is hidden; Location is the address of the erasure.'),
              ...refusals,
            },
          },
        ),
        options: preflight({ methods: ['POST', 'OPTIONS'] }),
      },
      '/v1/subjects/{subject}': {
        get: operation('showSubject', 'Everything that the lake holds about a person', {
          parameters: [
            ...subject,
            parameter(
              'eventType',
              'By default every event type and every reference table that names people.',
              { type: 'string' },
            ),
            parameter('limit', 'Largest number of rows and failed records in the answer.', {
              type: 'integer',
              minimum: 1,
              maximum: 10_000,
            }),
            parameter('cursor', 'The header X-Next-Cursor of the previous answer.', {
              type: 'string',
            }),
          ],
          responses: {
            '200': {
              description:
                'Rows, also of reference tables, and failed records, each on a line; more follow where there is a header X-Next-Cursor. Columns and event types that the API key may not see are left out, and failed records of such event types are counted.',
              headers: {
                ...leftOutHeaderDoc,
                'x-event-types-left-out': {
                  description: 'Event types that the API key does not permit, separated by commas.',
                  schema: { type: 'string' },
                },
                'x-reference-tables-left-out': {
                  description:
                    'Reference tables that name people and are not shown to an API key for some event types, separated by commas.',
                  schema: { type: 'string' },
                },
                'x-restricted-records': {
                  description: 'Failed records of the person that the API key may not see.',
                  schema: { type: 'integer' },
                },
              },
              content: Object.fromEntries(
                ['application/x-ndjson', 'text/csv'].map((type) => [
                  type,
                  { schema: { type: 'string' } },
                ]),
              ),
            },
            ...refusals,
          },
        }),
        options: preflight({ methods: ['GET', 'OPTIONS'], parameters: subject }),
      },
      '/v1/erasures/{id}': {
        get: operation('showErasure', 'The state of an erasure, and its certificate', {
          parameters: [pathParameter('id', 'The id of the erasure.')],
          ...answered('Its state: pending, running, done or failed; the certificate once done.'),
        }),
        options: preflight({
          methods: ['GET', 'OPTIONS'],
          parameters: [pathParameter('id', 'The id of the erasure.')],
        }),
      },
    },
  });
}

const day = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };

const pathParameter = (name: string, description: string) => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
});

const parameter = (name: string, description: string, schema: object) => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
});

const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
});

const body = (schema: object) => ({ content: { 'application/json': { schema } } });

const answer = (description: string) => ({
  description,
  content: { 'application/json': { schema: { type: 'object' } } },
});

const replayRequest = object(
  {
    table: { type: 'string', description: 'The table, or the name of its event type.' },
    from: day,
    to: day,
    kind: { type: 'string', enum: ['processing-failed', 'format-conversion-failed'] },
    reason: object({ code: { type: 'string' }, pointer: { type: 'string' } }, ['code']),
    fixes: {
      type: 'array',
      maxItems: 50,
      description:
        'Steps that fix each record: a JSON pointer "at", and one of "to", "set", "default", "remove", "rename".',
      items: { type: 'object' },
    },
    dryRun: { type: 'boolean', description: 'Sends nothing, and shows what would be sent.' },
    schema: {
      type: 'object',
      description: 'With dryRun: a JSON Schema to try in place of the deployed one.',
    },
  },
  ['table'],
);

const refusals = {
  '400': problemAnswer('A parameter or a member is missing or invalid.'),
  '403': keyProblemAnswer,
  '404': problemAnswer('There is no such table or run.'),
  '429': problemAnswer('Throttled; Retry-After says how many seconds to wait.'),
};
