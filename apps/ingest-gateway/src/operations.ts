import {
  corsHeaders,
  headerDocs,
  mockIntegration,
  responseParameters,
  type Cors,
} from '@sluice/lambda-http/openapi';
import { maxTemplateBytes, staticJson } from '@sluice/lambda-http/self-description';
import type { AnswerModel } from './answer-models';
import type { Json, JsonObject } from './open-api';
import { kinesisTooLargeResponse, kinesisUnavailableResponse } from './templates/kinesis-error';
import { unknownEventTypeResponse } from './templates/template-parts';

type Security = readonly JsonObject[];

/** Content that a route accepts: events of one type, or of several types that have no routes of their own. */
export interface Taken {
  /** Name of the content in the operation's summary. */
  readonly name: string;
  readonly description?: string;
  /** Name of the request body's model. */
  readonly model: string;
  readonly isBatch: boolean;
  /** Template of the answer to an error of Kinesis. */
  readonly errorTemplate: string;
  readonly parameters?: readonly Json[];
}

interface PutOperation {
  readonly taken: Taken;
  /** URI of the integration: `arn:…:apigateway:<region>:kinesis:action/<action>`. */
  readonly uri: string;
  readonly credentialsArn: string;
  readonly requestTemplate: string;
  readonly responseTemplate: string;
  readonly security: Security;
  readonly cors: Cors | undefined;
}

/** Returns the POST operation for one event or a batch, which puts records directly into the stream. */
export function putOperation({
  taken: { name, description, model, isBatch, errorTemplate, parameters },
  uri,
  credentialsArn,
  requestTemplate,
  responseTemplate,
  security,
  cors,
}: PutOperation): Json {
  const notFound: AnswerDescriptions = parameters
    ? { 404: ['There is no such event type.', 'fault'] }
    : {};
  const answer = (statusCode: number, template: string): Json => ({
    statusCode: String(statusCode),
    responseParameters: responseParameters(corsHeaders(cors)),
    // The line feed puts the prompt of a terminal on a new line.
    responseTemplates: { 'application/json': `${template}\n` },
  });
  return {
    operationId: `put${model.charAt(0).toUpperCase()}${model.slice(1)}`,
    summary: isBatch ? `1 to 500 events of ${name}` : `One ${name}`,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    security,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${model}` },
        },
      },
    },
    responses: methodResponses(cors, {
      ...(isBatch
        ? {
            200: ['Every event was accepted.', 'batchResult'],
            207: ['Some events were refused; send those again that `failed` names.', 'batchResult'],
          }
        : { 200: ['The event was accepted.', 'putResult'] }),
      400: ['The body is not JSON or does not conform to its schema.', 'fault'],
      403: ['No API key, or a wrong one.', 'fault'],
      ...notFound,
      413: ['Larger than one call or one record may be.', 'fault'],
      415: otherMediaType,
      429: ['Too many requests; Retry-After says how many seconds to wait.', 'fault'],
      500: ['The event could not be stored.', 'fault'],
      503: ['The stream is unavailable; send this again.', 'fault'],
    }),
    'x-amazon-apigateway-request-validator': 'body',
    'x-amazon-apigateway-integration': {
      type: 'aws',
      httpMethod: 'POST',
      uri,
      credentials: credentialsArn,
      passthroughBehavior: 'never',
      requestParameters: {
        'integration.request.header.Content-Type': "'application/x-amz-json-1.1'",
      },
      requestTemplates: { 'application/json': requestTemplate },
      // Keys are patterns of the status with which Kinesis answers.
      responses: {
        '200': answer(200, responseTemplate),
        '413': answer(413, kinesisTooLargeResponse),
        '4(?!13)\\d{2}': answer(500, errorTemplate),
        default: answer(503, kinesisUnavailableResponse),
      },
    },
  };
}

/**
 * Returns an operation that always answers the same JSON.
 *
 * @param bodies the first one that is small enough becomes the answer
 * @throws where none of them is small enough
 */
export function staticOperation({
  operationId,
  summary,
  bodies,
  maxBytes = maxTemplateBytes,
  security,
  cors,
}: {
  readonly operationId: string;
  readonly summary: string;
  readonly bodies: readonly Json[];
  /**
   * Largest size of the answer in bytes, which does not apply to the last body: that may always be as long as a
   * mapping template.
   *
   * @default as long as a mapping template
   */
  readonly maxBytes?: number;
  readonly security: Security;
  readonly cors: Cors | undefined;
}): Json {
  const templates = bodies.map(staticJson);
  const template =
    templates.find(({ length }) => length <= maxBytes) ??
    templates.slice(-1).find(({ length }) => length <= maxTemplateBytes);
  if (template === undefined) {
    const smallest = Math.min(...templates.map(({ length }) => length));
    throw new Error(
      `${operationId} answers ${smallest} bytes, more than the ${maxTemplateBytes} of a mapping template; ` +
        'serve fewer event types from one API',
    );
  }
  return {
    operationId,
    summary,
    security,
    responses: methodResponses(cors, { 200: [summary], ...gatewayAnswers }),
    'x-amazon-apigateway-integration': mock(200, template, cors),
  };
}

/** Path parameter that stands for any event type. */
export const eventTypeParameter = [
  { name: 'event_type', in: 'path', required: true, schema: { type: 'string' } },
] as const;

/** Returns the operation of a path for any event type that has no path of its own. */
export const unknownEventTypeOperation = (
  known: readonly string[],
  security: Security,
  cors: Cors | undefined,
): Json => ({
  summary: 'An event type that does not exist',
  security,
  parameters: eventTypeParameter,
  responses: methodResponses(cors, {
    404: ['There is no such event type.', 'fault'],
    ...gatewayAnswers,
  }),
  'x-amazon-apigateway-integration': mock(404, `${unknownEventTypeResponse(known)}\n`, cors),
});

const mock = (statusCode: number, template: string, cors: Cors | undefined): Json =>
  mockIntegration({ statusCode, headers: corsHeaders(cors), template, isBinaryApi: false });

/** Description of each status, and the model of its body if it has one. */
type AnswerDescriptions = Readonly<Record<number, readonly [string, AnswerModel?]>>;

const otherMediaType: AnswerDescriptions[number] = [
  'A body of another media type than application/json.',
  'fault',
];

/** Answers that the gateway gives by itself before a mock would run. */
const gatewayAnswers: AnswerDescriptions = {
  403: ['No API key, or a wrong one.', 'fault'],
  415: otherMediaType,
  429: ['Too many requests; Retry-After says how many seconds to wait.', 'fault'],
};

const methodResponses = (cors: Cors | undefined, answers: AnswerDescriptions): JsonObject =>
  Object.fromEntries(
    Object.entries(answers).map(([status, [description, model]]) => [
      status,
      {
        description,
        headers: headerDocs({
          ...corsHeaders(cors),
          ...(retriedStatuses.has(status) && { 'Retry-After': '' }),
        }),
        ...(model && {
          content: { 'application/json': { schema: { $ref: `#/components/schemas/${model}` } } },
        }),
      },
    ]),
  );

const retriedStatuses: ReadonlySet<string> = new Set(['207', '429', '503']);
