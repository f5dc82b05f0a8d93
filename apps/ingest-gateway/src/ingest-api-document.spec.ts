import { defineEvent, type EventType } from '@sluice/event-schema';
import { sale } from '@sluice/event-schema/testing/shop';
import { publicDocument } from '@sluice/lambda-http/self-description';
import { ingestApiDocument, type IngestApiOptions } from './ingest-api-document';
import type { Json, JsonObject } from './open-api';

const eventType = (name: string, properties = 1): EventType =>
  defineEvent({
    name,
    version: '1.0.0',
    key: 'id',
    schema: {
      type: 'object',
      required: ['id'],
      properties: {
        id: { type: 'string' },
        ...Object.fromEntries(
          Array.from({ length: properties }, (_, index) => [
            `property_${index}`,
            { type: 'string', description: 'é$#'.repeat(10) },
          ]),
        ),
      },
    },
  });

const build = (options: Partial<IngestApiOptions> = {}) =>
  ingestApiDocument({
    eventTypes: [sale, eventType('order')],
    streamName: ({ name }) => `\${Token[${name}]}`,
    credentialsArn: '${Token[role]}',
    region: '${Token[region]}',
    partition: '${Token[partition]}',
    ...options,
  });

/** Yields every object of a document with its JSON pointer. */
function* objects(value: Json | undefined, pointer = ''): Generator<readonly [string, JsonObject]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [pointer, value as JsonObject];
  for (const [name, child] of Object.entries(value as JsonObject))
    yield* objects(child, `${pointer}/${name}`);
}

const at = (document: JsonObject, ...path: readonly string[]): JsonObject =>
  path.reduce<JsonObject>((value, name) => value[name] as JsonObject, document);

const integration = (document: JsonObject, path: string, method = 'post'): JsonObject =>
  at(document, 'paths', path, method, 'x-amazon-apigateway-integration');

test('each event type has a path for one event and one for a batch, into its own stream', () => {
  const document = build();
  for (const name of ['sale', 'order']) {
    const single = integration(document, `/v1/events/${name}`);
    const batch = integration(document, `/v1/events/${name}/batch`);
    const prefix = 'arn:${Token[partition]}:apigateway:${Token[region]}:kinesis:action';
    expect([single['uri'], batch['uri']]).toEqual([`${prefix}/PutRecord`, `${prefix}/PutRecords`]);
    for (const { credentials, requestTemplates } of [single, batch] as JsonObject[]) {
      expect(credentials).toBe('${Token[role]}');
      expect((requestTemplates as JsonObject)['application/json']).toContain(
        `"StreamName": "\${Token[${name}]}"`,
      );
    }
  }
});

test('every reference leads somewhere, and every operation is secured', () => {
  const document = build();
  for (const [pointer, object] of objects(document)) {
    const { $ref } = object;
    if (typeof $ref === 'string')
      expect([pointer, at(document, ...$ref.split('/').slice(1))]).toEqual([
        pointer,
        expect.anything(),
      ]);
    if (object['x-amazon-apigateway-integration'] && !pointer.endsWith('/options'))
      expect([pointer, object['security']]).toEqual([pointer, [{ 'api-key': [] }]]);
  }
});

test('the document that clients read holds nothing of how it is served', () => {
  const document = publicDocument(build());
  expect(JSON.stringify(document)).not.toMatch(/x-amazon|Token|arn:|StreamName/);
  expect(Object.keys(document.paths)).toEqual([
    '/',
    '/v1',
    '/v1/events',
    '/v1/events/sale',
    '/v1/events/sale/batch',
    '/v1/events/order',
    '/v1/events/order/batch',
    '/v1/events/{event_type}',
    '/v1/events/{event_type}/batch',
    '/v1/openapi.json',
  ]);
});

test('signed requests take the place of API keys', () => {
  const document = build({ auth: 'iam' });
  expect(at(document, 'components', 'securitySchemes')).toEqual({
    iam: {
      type: 'apiKey',
      name: 'Authorization',
      in: 'header',
      'x-amazon-apigateway-authtype': 'awsSigv4',
    },
  });
  expect(at(document, 'paths', '/v1/events', 'get')['security']).toEqual([{ iam: [] }]);
});

test('one origin, or no browser at all', () => {
  const one = build({ cors: { allowOrigin: 'https://app.example.com' } });
  const origins = [...objects(one)].flatMap(([, object]) =>
    Object.entries(object).filter(([name]) => name.endsWith('.header.Access-Control-Allow-Origin')),
  );
  expect(origins.length).toBeGreaterThan(20);
  for (const [, origin] of origins) expect(origin).toBe("'https://app.example.com'");
  expect(JSON.stringify(build({ cors: null }))).not.toMatch(/Access-Control|"options"/);
});

test('schemas that are more than a template holds are left out of the listing, not the models', () => {
  const document = build({ eventTypes: [eventType('wide', 3000)] });
  const listing = (path: string): unknown => {
    const responses = integration(document, path, 'get')['responses'] as JsonObject;
    const template = at(responses, 'default', 'responseTemplates')['application/json'] as string;
    expect(template.length).toBeLessThanOrEqual(300 * 1024);
    return JSON.parse(template);
  };
  expect(listing('/v1/events')).toEqual({
    eventTypes: [
      {
        name: 'wide',
        version: '1.0.0',
        key: 'id',
        post: '/v1/events/wide',
        postBatch: '/v1/events/wide/batch',
      },
    ],
  });
  expect(listing('/v1/openapi.json')).toMatchObject({
    components: { schemas: { Wide: { type: 'object' } } },
  });
  const { properties } = at(document, 'components', 'schemas', 'Wide');
  expect(Object.keys(properties as object)).toHaveLength(3001);
});

test('event types that would share a model are refused, both by name', () => {
  const eventTypes = [eventType('a_1'), eventType('a1')];
  expect(() => build({ eventTypes })).toThrow(/"a_1" and "a1" both need the model "A1"/);
  expect(() => build({ eventTypes: [eventType('x'), eventType('x_batch')] })).not.toThrow();
});

test('every gateway response is JSON with a message and the id of the request', () => {
  const responses = at(build(), 'x-amazon-apigateway-gateway-responses');
  for (const [type, response] of Object.entries(responses)) {
    const template = at(response as JsonObject, 'responseTemplates')['application/json'] as string;
    const text = template.replace('$context.error.messageString', '"m"');
    expect([type, JSON.parse(text)]).toEqual([
      type,
      { message: expect.any(String), requestId: '$context.requestId' },
    ]);
  }
  expect(at(responses, 'MISSING_AUTHENTICATION_TOKEN')['statusCode']).toBe('404');
  for (const type of ['THROTTLED', 'QUOTA_EXCEEDED'])
    expect(at(responses, type, 'responseParameters')).toHaveProperty([
      'gatewayresponse.header.Retry-After',
    ]);
});
