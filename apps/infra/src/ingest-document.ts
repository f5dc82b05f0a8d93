import type { EventType } from '@sluice/event-schema';

// The seam to @sluice/ingest-gateway, whose document takes this one's place.
export interface IngestApiDocumentOptions {
  readonly title: string;
  readonly eventTypes: readonly EventType[];
  readonly streamName: (eventType: EventType) => string;
  readonly region: string;
  readonly roleArn: string;
}

export const ingestApiDocument = (options: IngestApiDocumentOptions) => ({
  openapi: '3.0.1',
  info: { title: options.title, version: '1' },
  'x-amazon-apigateway-api-key-source': 'HEADER',
  paths: Object.fromEntries(
    options.eventTypes.map((eventType) => [
      `/v1/events/${eventType.name}`,
      {
        post: {
          security: [{ apiKey: [] }],
          responses: { '200': { description: 'Taken.' } },
          'x-amazon-apigateway-integration': {
            type: 'aws',
            httpMethod: 'POST',
            uri: `arn:aws:apigateway:${options.region}:kinesis:action/PutRecord`,
            credentials: options.roleArn,
            passthroughBehavior: 'never',
            requestTemplates: {
              'application/json': `{"StreamName":"${options.streamName(eventType)}","Data":"$util.base64Encode($input.body)","PartitionKey":"$context.requestId"}`,
            },
            responses: { default: { statusCode: '200' } },
          },
        },
      },
    ]),
  ),
  components: { securitySchemes: { apiKey: { type: 'apiKey', name: 'x-api-key', in: 'header' } } },
});
