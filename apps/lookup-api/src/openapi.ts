// A door of its own (@sluice/lookup-api/openapi): infra needs the document and none of the function.
import type { EventType } from '@sluice/event-schema';

export interface LookupApiDocumentOptions {
  readonly title: string;
  readonly eventTypes: readonly EventType[];
  /** Where API Gateway invokes the function: `arn:…:apigateway:…:path/2015-03-31/functions/…/invocations`. */
  readonly functionInvocationUri: string;
}

/**
 * The OpenAPI document of the look-up API, with what API Gateway needs to serve it.
 *
 * Every media type counts as binary, because a compressed JSON answer is binary under the media type of
 * JSON; request bodies therefore reach the function in base64. API Gateway reads binary answers from the
 * function only where the first type of `Accept` is one of these (developer guide:
 * lambda-proxy-binary-media).
 */
export function lookupApiDocument(options: LookupApiDocumentOptions) {
  const { title, eventTypes, functionInvocationUri } = options;
  const integration = {
    'x-amazon-apigateway-integration': {
      type: 'aws_proxy',
      httpMethod: 'POST',
      uri: functionInvocationUri,
      passthroughBehavior: 'when_no_match',
    },
  };
  const eventTypeParameter = {
    name: 'event_type',
    in: 'path',
    required: true,
    description: 'The event type to look in.',
    schema: { type: 'string', enum: eventTypes.map(({ name }) => name) },
  };
  const byKey = (operationId: string, summary: string) => ({
    operationId,
    summary,
    security,
    parameters: [eventTypeParameter, ...queryParameters],
    responses,
    ...integration,
  });
  return {
    openapi: '3.0.1',
    info: { title, version: '1' },
    'x-amazon-apigateway-api-key-source': 'HEADER',
    'x-amazon-apigateway-binary-media-types': ['*/*'],
    paths: {
      '/v1/events/{event_type}': {
        get: byKey('lookupRows', 'Rows by id'),
        head: byKey('lookupHeaders', 'The headers that GET would answer with'),
        options: preflight([eventTypeParameter], 'GET,HEAD,OPTIONS'),
      },
      '/v1/events/{event_type}/lookup': {
        post: {
          operationId: 'lookupRowsOfIds',
          summary: 'Rows of up to 100 ids',
          security,
          parameters: [eventTypeParameter],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: batchRequest } },
          },
          responses,
          ...integration,
        },
        options: preflight([eventTypeParameter], 'POST,OPTIONS'),
      },
    },
    components: {
      securitySchemes: { apiKey: { type: 'apiKey', name: 'x-api-key', in: 'header' } },
    },
    'x-amazon-apigateway-gateway-responses': gatewayResponses,
  };
}

const security = [{ apiKey: [] }];

const date = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };

const parameter = (name: string, description: string, schema: object, required = false) => ({
  name,
  in: 'query',
  required,
  description,
  schema,
});

const queryParameters = [
  parameter('id', "Value of the event type's key.", { type: 'string' }),
  parameter('date', 'Day of arrival, UTC. Without any day: the last 31, today included.', date),
  parameter('from', 'First day of a range, at most 31 days.', date),
  parameter('to', 'Last day of the range, inclusive.', date),
  parameter('columns', 'Columns to answer with, separated by commas.', { type: 'string' }),
  parameter('limit', 'Rows to answer with at most.', { type: 'integer', minimum: 1 }),
  parameter('cursor', 'Where the answer before ended.', { type: 'string' }),
  parameter('explain', 'Adds what was read and how long it took.', { type: 'boolean' }),
];

const batchRequest = {
  type: 'object',
  required: ['ids'],
  properties: {
    ids: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    },
    date,
    from: date,
    to: date,
    columns: { type: 'array', items: { type: 'string' } },
    limit: { type: 'integer', minimum: 1 },
    cursor: { type: 'string' },
    explain: { type: 'boolean' },
  },
};

const rows = {
  type: 'object',
  properties: {
    rows: { type: 'array', items: { type: 'object' } },
    count: { type: 'integer' },
    cursor: { type: 'string', nullable: true },
    message: { type: 'string' },
  },
};

const problem = (description: string) => ({
  description,
  content: {
    'application/json': {
      schema: { type: 'object', properties: { message: { type: 'string' } } },
    },
  },
});

const responses = {
  '200': {
    description: 'The rows; none is an answer too.',
    content: {
      'application/json': { schema: rows },
      'application/x-ndjson': { schema: { type: 'string' } },
      'text/csv': { schema: { type: 'string' } },
      'application/vnd.apache.arrow.stream': { schema: { type: 'string', format: 'binary' } },
    },
  },
  '304': { description: 'Not modified since the ETag.' },
  '400': problem('A parameter is missing or off.'),
  '403': problem('No or wrong API key.'),
  '404': problem('Unknown event type.'),
  '429': problem('Throttled; Retry-After says for how long.'),
};

const corsHeaders = {
  'Access-Control-Allow-Origin': "'*'",
  'Access-Control-Allow-Headers': "'accept,content-type,if-none-match,x-api-key'",
  'Access-Control-Expose-Headers': "'etag,retry-after,server-timing'",
  'Access-Control-Max-Age': "'86400'",
};

/** Answered by API Gateway itself: a preflight carries no API key and need not start the function. */
function preflight(parameters: readonly object[], methods: string) {
  const headers = { ...corsHeaders, 'Access-Control-Allow-Methods': `'${methods}'` };
  return {
    summary: 'CORS preflight',
    parameters,
    responses: {
      '204': {
        description: 'What a browser may send.',
        headers: Object.fromEntries(
          Object.keys(headers).map((name) => [name, { schema: { type: 'string' } }]),
        ),
      },
    },
    'x-amazon-apigateway-integration': {
      type: 'mock',
      // A mock needs text, and every media type of this API counts as binary.
      contentHandling: 'CONVERT_TO_TEXT',
      passthroughBehavior: 'when_no_match',
      requestTemplates: { 'application/json': '{"statusCode": 204}' },
      responses: {
        default: {
          statusCode: '204',
          responseParameters: Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [
              `method.response.header.${name}`,
              value,
            ]),
          ),
        },
      },
    },
  };
}

/** What API Gateway answers without the function; a browser may read it too. */
const gatewayResponse = (statusCode?: number, headers: Record<string, string> = {}) => ({
  ...(statusCode && { statusCode }),
  responseParameters: Object.fromEntries(
    Object.entries({ ...corsHeaders, ...headers }).map(([name, value]) => [
      `gatewayresponse.header.${name}`,
      value,
    ]),
  ),
  responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
});

const gatewayResponses = {
  DEFAULT_4XX: gatewayResponse(),
  DEFAULT_5XX: gatewayResponse(),
  THROTTLED: gatewayResponse(429, { 'Retry-After': "'1'" }),
  QUOTA_EXCEEDED: gatewayResponse(429, { 'Retry-After': "'3600'" }),
};
