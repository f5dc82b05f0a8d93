import { defineEvent, type EventType } from '@sluice/event-schema';
import { ingestApiDocument } from '@sluice/ingest-gateway';
import { MappingTemplate } from './mapping-template';
import type { Integration, Operation } from './rest-api-document';
import type { VelocityVersion } from './velocity';

const eventType = (name: string, key: string): EventType => {
  const schema = key
    .split('.')
    .reduceRight<object>(
      (child, step) => ({ type: 'object', required: [step], properties: { [step]: child } }),
      { type: 'string' },
    );
  return defineEvent({ name, version: '1.0.0', key, schema });
};

/** More event types than can have their own routes. The tests use the last ones. */
const eventTypes = [
  ...Array.from({ length: 297 }, (_, index) => eventType(`type_${index}`, 'id')),
  eventType('nested', 'actor.login'),
  eventType('hyphened', 'actor.login-name'),
  eventType('keyless', '$ref'),
];

const document = ingestApiDocument({
  eventTypes,
  streamName: ({ name }) => `stream-${name}`,
  credentialsArn: 'arn:aws:iam::000000000000:role/gateway',
  region: 'eu-west-1',
});

const integrationOf = (path: string): Integration =>
  (document.paths[path] as unknown as { post: Operation }).post['x-amazon-apigateway-integration']!;

const render = (
  template: string,
  body: unknown,
  name: string,
  version: VelocityVersion,
): { readonly body: Record<string, unknown>; readonly status: number | undefined } => {
  const { text, response } = new MappingTemplate(template, version).render({
    body: JSON.stringify(body),
    params: { path: { event_type: name }, querystring: {}, header: {} },
    context: { requestId: 'request' },
    stageVariables: {},
  });
  return { body: JSON.parse(text) as Record<string, unknown>, status: response.status };
};

const single = '/v1/events/{event_type}';
const batch = '/v1/events/{event_type}/batch';

const request = (path: string, body: unknown, name: string, version: VelocityVersion) =>
  render(integrationOf(path).requestTemplates!['application/json']!, body, name, version).body;

const decoded = (data: unknown): string => Buffer.from(String(data), 'base64').toString('utf8');

test('300 event types keep within an API’s resources, and each template within its size', () => {
  expect(Object.keys(document.paths).length).toBeLessThan(300);
  expect(document.paths).not.toHaveProperty(['/v1/events/keyless']);
  expect(JSON.stringify(document).length).toBeLessThan(1_000_000);
  for (const path of [single, batch])
    expect(integrationOf(path).requestTemplates!['application/json']!.length).toBeLessThan(
      300 * 1024,
    );
});

describe.each<VelocityVersion>(['1.7', '2'])('under Velocity %s', (version) => {
  test.each([
    ['type_296', { id: "it's" }, "it's"],
    ['nested', { actor: { login: 'ann' } }, 'ann'],
    ['hyphened', { actor: { 'login-name': 'bob' } }, 'bob'],
    ['keyless', { $ref: 'a' }, 'request'],
    ['nested', { actor: {} }, 'request'],
    ['nested', { actor: { login: 'x'.repeat(257) } }, 'request'],
  ])('an event of %s goes into its own stream: %j', (name, event, key) => {
    const put = request(single, event, name, version);
    expect(put).toEqual({
      StreamName: `stream-${name}`,
      Data: expect.any(String),
      PartitionKey: key,
    });
    expect(decoded(put['Data'])).toBe(`${JSON.stringify(event)}\n`);
  });

  test('a batch goes into the stream of its type, each event by its own key', () => {
    const events = [{ actor: { login: 'ann' } }, { actor: {} }, { actor: { login: 'é"' } }];
    const { StreamName, Records } = request(batch, { events }, 'nested', version) as unknown as {
      StreamName: string;
      Records: { Data: string; PartitionKey: string }[];
    };
    expect(StreamName).toBe('stream-nested');
    expect(Records.map(({ PartitionKey }) => PartitionKey)).toEqual(['ann', 'request-1', 'é"']);
    expect(Records.map(({ Data }) => decoded(Data))).toEqual(
      events.map((event) => `${JSON.stringify(event)}\n`),
    );
  });

  test.each([single, batch])('%s answers 404 for what is no event type', (path) => {
    const errors = Object.entries(integrationOf(path).responses!).find(([pattern]) =>
      new RegExp(`^(?:${pattern})$`).test('400'),
    )![1].responseTemplates!['application/json']!;
    const refused = { __type: 'ValidationException', message: 'StreamName' };
    for (const name of ['nest', 'nested nested', 'type_0', 'x"y']) {
      expect(request(path, { events: [{}] }, name, version)).toMatchObject({ StreamName: '' });
      const answer = render(errors, refused, name, version);
      expect([name, answer.status]).toEqual([name, 404]);
      expect(answer.body['message']).toContain('There is no event type');
    }
    expect(render(errors, refused, 'nested', version).status).toBe(400);
    expect(render(errors, { __type: 'ThrottlingException' }, 'nested', version).status).toBe(429);
  });
});
