import {
  batchRequestModel,
  maxBatchEvents,
  requestModel,
  type EventType,
} from '@sluice/event-schema';
import { everyOrigin, gatewayResponses, preflight, type Cors } from '@sluice/lambda-http/openapi';
import { publicDocument } from '@sluice/lambda-http/self-description';
import { answerModels } from './answer-models';
import { ingestGatewayResponses } from './gateway-responses';
import { importableModel } from './importable-model';
import { batchModelName, checkModelNames, modelName } from './model-name';
import type { Json, JsonObject, OpenApiDocument } from './open-api';
import {
  eventTypeParameter,
  putOperation,
  staticOperation,
  unknownEventTypeOperation,
  type Taken,
} from './operations';
import { kinesisErrorResponse } from './templates/kinesis-error';
import { keyPathSteps } from './templates/partition-key';
import { putRecordRequest, putRecordResponse } from './templates/put-record';
import { putRecordsRequest, putRecordsResponse } from './templates/put-records';
import {
  sharedKinesisErrorResponse,
  sharedPutRecordRequest,
  sharedPutRecordsRequest,
} from './templates/shared-route';
import type { GatewayTraces } from './templates/trace-line';

export interface IngestApiOptions {
  readonly eventTypes: readonly EventType[];
  /**
   * Returns the stream for events of a type. Like every string here, it may be a token that the deployment resolves.
   */
  readonly streamName: (eventType: EventType) => string;
  /** Role with which API Gateway puts records; it needs PutRecord and PutRecords on the streams. */
  readonly credentialsArn: string;
  readonly region: string;
  /** @default 'aws' */
  readonly partition?: string;
  /** Authentication of callers: an API key in `x-api-key`, or requests signed with IAM credentials. */
  readonly auth?: 'api-key' | 'iam';
  /** Access for browsers; `null` keeps them out. @default every origin */
  readonly cors?: Cors | null;
  /**
   * Recording of requests as traces. The events of a recorded request get a line with their trace before them.
   *
   * @default none, and nothing of traces is in the templates
   */
  readonly traces?: GatewayTraces | undefined;
  readonly title?: string;
}

/**
 * Largest size of the document's JSON in bytes. It is part of a template, which may have 1 MB including the API's
 * other resources (CloudFormation guide, "Quotas").
 */
const maxDocumentBytes = 800_000;

/**
 * Largest number of event types with their own routes. Each needs two of an API's 300 resources, of which 6 serve
 * other paths.
 */
const maxOwnRoutes = 145;

/** Number of event types up to which the document for clients always lists each type's routes. */
const maxListedRoutes = 20;

/** Largest size in bytes of each of the API's answers about itself, once event types share routes. */
const maxSharedAnswerBytes = 100_000;

/**
 * Returns the ingest API as one document: paths, request models, mapping templates. API Gateway runs it as it is,
 * without a function between client and stream.
 *
 * Each event type has its own routes with its request model as long as the document has room for them: for some 25
 * wide event types, or 145 small ones. Further event types, in the order of `eventTypes`, share routes with the type
 * in the path. These have the same URLs and answers, but their single events are only checked by the transformer.
 */
export function ingestApiDocument(options: IngestApiOptions): OpenApiDocument {
  const { eventTypes } = options;
  checkModelNames(eventTypes);
  const withOwnRoutes = (ownRoutes: number): Candidate => {
    const document = documentOf(options, ownRoutes);
    return { ownRoutes, document, bytes: JSON.stringify(document).length };
  };
  let over = withOwnRoutes(Math.min(eventTypes.length, maxOwnRoutes));
  if (over.bytes <= maxDocumentBytes) return over.document;
  let fitting = withOwnRoutes(0);
  for (let tried = 0; over.ownRoutes - fitting.ownRoutes > 1; tried++) {
    const between = over.ownRoutes - fitting.ownRoutes;
    // Most event types are of about one size, so a line leads close to the place; halving ends it in any case.
    const share =
      tried < maxInterpolations
        ? (maxDocumentBytes - fitting.bytes) / (over.bytes - fitting.bytes)
        : 0.5;
    const step = Math.min(Math.max(Math.floor(between * share), 1), between - 1);
    const middle = withOwnRoutes(fitting.ownRoutes + step);
    if (middle.bytes <= maxDocumentBytes) fitting = middle;
    else over = middle;
  }
  return fitting.document;
}

/** A document that may be too large. */
interface Candidate {
  readonly ownRoutes: number;
  readonly document: OpenApiDocument;
  readonly bytes: number;
}

/** Number of documents that are tried on the line between two sizes. */
const maxInterpolations = 4;

/** Returns the document. @param ownRoutes number of event types, from the first, that have their own routes */
function documentOf(settings: IngestApiOptions, ownRoutes: number): OpenApiDocument {
  const {
    eventTypes,
    streamName,
    credentialsArn,
    region,
    partition = 'aws',
    auth = 'api-key',
    cors: corsOption = everyOrigin,
    traces,
    title = 'Sluice ingest',
  } = settings;
  const cors = corsOption ?? undefined;
  const security = [{ [auth]: [] }];
  const options = (method: string, parameters: readonly Json[] = []): JsonObject =>
    cors
      ? {
          options: preflight({
            methods: [method, 'OPTIONS'],
            parameters,
            cors,
            isBinaryApi: false,
          }),
        }
      : {};

  const names = eventTypes.map(({ name }) => name);
  const own = eventTypes.slice(0, ownRoutes);
  const shared = eventTypes
    .slice(ownRoutes)
    .map((eventType) => ({ eventType, streamName: streamName(eventType) }));
  const maxBytes = shared.length > 0 ? { maxBytes: maxSharedAnswerBytes } : {};

  const put = (taken: Taken, requestTemplate: string, responseTemplate: string): JsonObject => ({
    post: putOperation({
      taken,
      uri: `arn:${partition}:apigateway:${region}:kinesis:action/${taken.isBatch ? 'PutRecords' : 'PutRecord'}`,
      credentialsArn,
      requestTemplate,
      responseTemplate,
      security,
      cors,
    }),
    ...options('POST', taken.parameters),
  });
  const eventPaths = own.flatMap((eventType): readonly (readonly [string, JsonObject])[] => {
    const template = {
      streamName: streamName(eventType),
      keySteps: keyPathSteps(eventType),
      traces,
    };
    const { name, description } = eventType;
    const taken = {
      name,
      ...(description !== undefined && { description }),
      errorTemplate: kinesisErrorResponse,
    };
    return [
      [
        `/v1/events/${name}`,
        put(
          { ...taken, model: modelName(eventType), isBatch: false },
          putRecordRequest(template),
          putRecordResponse,
        ),
      ],
      [
        `/v1/events/${name}/batch`,
        put(
          { ...taken, model: batchModelName(eventType), isBatch: true },
          putRecordsRequest(template),
          putRecordsResponse,
        ),
      ],
    ];
  });
  const unknown: JsonObject = {
    post: unknownEventTypeOperation(names, security, cors),
    ...options('POST', eventTypeParameter),
  };
  const anyOfShared = {
    name: 'the event type in the path',
    description: `One of ${shared.length} event types without a route of their own; GET /v1/events lists them.`,
    errorTemplate: sharedKinesisErrorResponse(shared, names),
    parameters: eventTypeParameter,
  };
  const sharedPaths: JsonObject =
    shared.length === 0
      ? { '/v1/events/{event_type}': unknown, '/v1/events/{event_type}/batch': unknown }
      : {
          '/v1/events/{event_type}': put(
            { ...anyOfShared, model: 'anyEvent', isBatch: false },
            sharedPutRecordRequest(shared, traces),
            putRecordResponse,
          ),
          '/v1/events/{event_type}/batch': put(
            { ...anyOfShared, model: 'anyBatch', isBatch: true },
            sharedPutRecordsRequest(shared, traces),
            putRecordsResponse,
          ),
        };
  const list = {
    get: staticOperation({
      operationId: 'listEventTypes',
      summary: 'The event types with their JSON Schemas',
      bodies: [
        { eventTypes: eventTypes.map(eventTypeListing) },
        { eventTypes: eventTypes.map(withoutSchema) },
      ],
      ...maxBytes,
      security,
      cors,
    }),
    ...options('GET'),
  };

  const withoutItself: OpenApiDocument = {
    openapi: '3.0.1',
    info: {
      title,
      version: '1.0.0',
      description:
        'Accepts events as JSON, one or up to 500 at a time, and keeps every one of them.',
    },
    paths: {
      '/v1/events': list,
      ...Object.fromEntries(eventPaths),
      ...sharedPaths,
    },
    components: {
      securitySchemes: securitySchemes(auth),
      schemas: {
        ...answerModels,
        ...(shared.length > 0 && sharedModels),
        ...Object.fromEntries(own.flatMap(modelsOf)),
      },
    },
    'x-amazon-apigateway-request-validators': {
      body: { validateRequestBody: true, validateRequestParameters: false },
    },
    'x-amazon-apigateway-gateway-responses': gatewayResponses(cors, ingestGatewayResponses),
  };
  // Shared routes have the same URLs, so all types can be described as if they had their own.
  const shorter = (): readonly Json[] =>
    ownRoutes > 0 && eventTypes.length > maxListedRoutes
      ? [publicDocument(withoutModels(documentOf(settings, 0)))]
      : [];
  const self = {
    get: staticOperation({
      operationId: 'getDocument',
      summary: 'This document',
      bodies: [
        publicDocument(withoutItself),
        publicDocument(withoutModels(withoutItself)),
        ...shorter(),
      ],
      ...maxBytes,
      security,
      cors,
    }),
    ...options('GET'),
  };
  const index = (operationId: string): JsonObject => ({
    get: staticOperation({
      operationId,
      summary: 'What there is',
      bodies: [{ name: title, document: '/v1/openapi.json', operations: [...operationsForPeople] }],
      security,
      cors,
    }),
    ...options('GET'),
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

/** Descriptions of the API, one line for each kind of path, however many event types there are. */
const operationsForPeople = [
  'GET /v1/events: the event types with their JSON Schemas',
  'POST /v1/events/{event_type}: one event',
  'POST /v1/events/{event_type}/batch: {"events":[…]}, 1 to 500 events',
];

/** Models of the shared routes' requests. Their names begin in lower case, those of event types in upper case. */
const sharedModels: JsonObject = {
  anyEvent: { type: 'object', description: 'An event; GET /v1/events lists the event types.' },
  anyBatch: {
    type: 'object',
    required: ['events'],
    properties: {
      events: { type: 'array', minItems: 1, maxItems: maxBatchEvents, items: { type: 'object' } },
    },
  },
};

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

/**
 * Returns an event type's entry in the listing without its schema, for when the schemas don't fit into one template.
 */
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
