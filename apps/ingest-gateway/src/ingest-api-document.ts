import { batchRequestModel, requestModel, type EventType } from '@sluice/event-schema';
import { publicDocument } from '@sluice/http-api/self-description';
import { answerModels } from './answer-models';
import { preflightOperation, type Cors } from './cors';
import { gatewayResponses } from './gateway-responses';
import { importableModel } from './importable-model';
import { batchModelName, checkModelNames, modelName } from './model-name';
import type { Json, JsonObject, OpenApiDocument } from './open-api';
import { putOperation, staticOperation, unknownEventTypeOperation } from './operations';
import { keyPathSteps } from './templates/partition-key';
import { putRecordRequest, putRecordResponse } from './templates/put-record';
import { putRecordsRequest, putRecordsResponse } from './templates/put-records';

export interface IngestApiOptions {
  readonly eventTypes: readonly EventType[];
  /** The stream that takes events of a type. Like every string here it may be a token of the deployment. */
  readonly streamName: (eventType: EventType) => string;
  /** The role that API Gateway puts records with; it needs PutRecord and PutRecords on the streams. */
  readonly credentialsArn: string;
  readonly region: string;
  /** @default 'aws' */
  readonly partition?: string;
  /** How callers prove who they are: an API key as `x-api-key`, or a request signed with IAM credentials. */
  readonly auth?: 'api-key' | 'iam';
  /** `null` keeps browsers out. @default every origin */
  readonly cors?: Cors | null;
  readonly title?: string;
  readonly version?: string;
}

/**
 * The ingest API as one document: paths, request models, mapping templates. API Gateway runs it as it is,
 * with no function between client and stream.
 */
export function ingestApiDocument({
  eventTypes,
  streamName,
  credentialsArn,
  region,
  partition = 'aws',
  auth = 'api-key',
  cors: corsOption = { allowOrigin: '*' },
  title = 'Sluice ingest',
  version = '1.0.0',
}: IngestApiOptions): OpenApiDocument {
  checkModelNames(eventTypes);
  const cors = corsOption ?? undefined;
  const security = [{ [auth]: [] }];
  const preflight = (methods: readonly string[]): JsonObject =>
    cors ? { options: preflightOperation(cors, [...methods, 'OPTIONS']) } : {};

  const put = (
    eventType: EventType,
    action: 'PutRecord' | 'PutRecords',
    requestTemplate: string,
    responseTemplate: string,
  ): JsonObject => ({
    post: putOperation({
      eventType,
      isBatch: action === 'PutRecords',
      uri: `arn:${partition}:apigateway:${region}:kinesis:action/${action}`,
      credentialsArn,
      requestTemplate,
      responseTemplate,
      security,
      cors,
    }),
    ...preflight(['POST']),
  });
  const eventPaths = eventTypes.flatMap((eventType): readonly (readonly [string, JsonObject])[] => {
    const template = { streamName: streamName(eventType), keySteps: keyPathSteps(eventType) };
    return [
      [
        `/v1/events/${eventType.name}`,
        put(eventType, 'PutRecord', putRecordRequest(template), putRecordResponse),
      ],
      [
        `/v1/events/${eventType.name}/batch`,
        put(eventType, 'PutRecords', putRecordsRequest(template), putRecordsResponse),
      ],
    ];
  });
  const unknown: JsonObject = {
    post: unknownEventTypeOperation(security, cors),
    ...preflight(['POST']),
  };
  const list = {
    get: staticOperation({
      operationId: 'listEventTypes',
      summary: 'The event types with their JSON Schemas',
      bodies: [
        { eventTypes: eventTypes.map(eventTypeListing) },
        { eventTypes: eventTypes.map(withoutSchema) },
      ],
      security,
      cors,
    }),
    ...preflight(['GET']),
  };

  const withoutItself: OpenApiDocument = {
    openapi: '3.0.1',
    info: {
      title,
      version,
      description: 'Takes events as JSON, one or up to 500 at a time, and keeps every one of them.',
    },
    paths: {
      '/v1/events': list,
      ...Object.fromEntries(eventPaths),
      '/v1/events/{event_type}': unknown,
      '/v1/events/{event_type}/batch': unknown,
    },
    components: {
      securitySchemes: securitySchemes(auth),
      schemas: { ...answerModels, ...Object.fromEntries(eventTypes.flatMap(modelsOf)) },
    },
    'x-amazon-apigateway-request-validators': {
      body: { validateRequestBody: true, validateRequestParameters: false },
    },
    'x-amazon-apigateway-gateway-responses': gatewayResponses(cors),
  };
  const self = {
    get: staticOperation({
      operationId: 'getDocument',
      summary: 'This document',
      bodies: [publicDocument(withoutItself), publicDocument(withoutModels(withoutItself))],
      security,
      cors,
    }),
    ...preflight(['GET']),
  };
  const index = (operationId: string): JsonObject => ({
    get: staticOperation({
      operationId,
      summary: 'What there is',
      bodies: [{ name: title, document: '/v1/openapi.json', operations: [...operationsForPeople] }],
      security,
      cors,
    }),
    ...preflight(['GET']),
  });
  return {
    ...withoutItself,
    paths: {
      '/': index('describeApi'),
      '/v1': index('describeVersion'),
      ...withoutItself.paths,
      '/v1/openapi.json': self,
    },
  };
}

/** One line for each kind of path, however many event types there are. */
const operationsForPeople = [
  'GET /v1/events: the event types with their JSON Schemas',
  'POST /v1/events/{event_type}: one event',
  'POST /v1/events/{event_type}/batch: {"events":[…]}, 1 to 500 events',
];

const modelsOf = (eventType: EventType): readonly (readonly [string, Json])[] => [
  [modelName(eventType), importableModel(requestModel(eventType))],
  [batchModelName(eventType), importableModel(batchRequestModel(eventType))],
];

const eventTypeListing = (eventType: EventType): Json => ({
  name: eventType.name,
  version: eventType.version,
  ...(eventType.description !== undefined && { description: eventType.description }),
  key: eventType.key,
  ...(eventType.identity !== undefined && { identity: eventType.identity }),
  ...(eventType.time !== undefined && { time: eventType.time }),
  post: `/v1/events/${eventType.name}`,
  postBatch: `/v1/events/${eventType.name}/batch`,
  schema: eventType.schema as unknown as Json,
});

/** Of event types whose schemas are more than one template holds. */
const withoutSchema = (eventType: EventType): Json => ({
  ...(eventTypeListing(eventType) as JsonObject),
  schema: undefined,
});

const withoutModels = (document: OpenApiDocument): OpenApiDocument => {
  const { schemas, ...components } = document['components'] as JsonObject;
  const names = Object.keys(schemas as JsonObject);
  return {
    ...document,
    components: {
      ...components,
      schemas: {
        ...Object.fromEntries(names.map((name) => [name, { type: 'object' }])),
        ...answerModels,
      },
    },
  };
};

const securitySchemes = (auth: 'api-key' | 'iam'): JsonObject =>
  auth === 'api-key'
    ? { 'api-key': { type: 'apiKey', name: 'x-api-key', in: 'header' } }
    : {
        iam: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
      };
