import { defineEvent, type EventType } from '@sluice/event-schema';
import { sale } from '@sluice/event-schema/testing/shop';
import { codePoint } from '@sluice/event-schema/testing/code-point';
import { ingestApiDocument } from '@sluice/ingest-gateway';
import fc from 'fast-check';
import { MappingTemplate, type TemplateInput } from './mapping-template';
import type { Integration, Operation } from './rest-api-document';
import type { VelocityVersion } from './velocity';

const requestId = '5a6b-request';

const byName = defineEvent({
  name: 'by_name',
  version: '1.0.0',
  key: 'actor.login-name',
  schema: {
    type: 'object',
    required: ['actor'],
    properties: {
      actor: {
        type: 'object',
        required: ['login-name'],
        properties: { 'login-name': { type: 'string' } },
      },
    },
  },
});

const document = ingestApiDocument({
  eventTypes: [sale, byName],
  streamName: ({ name }) => `stream-${name}`,
  credentialsArn: 'arn:aws:iam::000000000000:role/gateway',
  region: 'eu-west-1',
});

const integrationOf = (path: string): Integration =>
  (document.paths[path] as unknown as { post: Operation }).post['x-amazon-apigateway-integration']!;

const render = (template: string, body: string, version: VelocityVersion, path = {}) => {
  const input: TemplateInput = {
    body,
    params: { path, querystring: {}, header: {} },
    context: { requestId },
    stageVariables: {},
  };
  const key = `${version} ${template}`;
  const compiled = templates.get(key) ?? new MappingTemplate(template, version);
  templates.set(key, compiled);
  return compiled.render(input);
};

const templates = new Map<string, MappingTemplate>();

const requestOf = (path: string, body: string, version: VelocityVersion): unknown =>
  JSON.parse(
    render(integrationOf(path).requestTemplates!['application/json']!, body, version).text,
  );

const responseOf = (path: string, status: string, body: unknown, version: VelocityVersion) => {
  const template = integrationOf(path).responses![status]!.responseTemplates!['application/json']!;
  const { text, response } = render(template, JSON.stringify(body), version);
  return { body: JSON.parse(text) as Record<string, unknown>, ...response };
};

interface PutRecord {
  readonly StreamName: string;
  readonly Data: string;
  readonly PartitionKey: string;
}

const decoded = (data: string): string => Buffer.from(data, 'base64').toString('utf8');

/** Texts as strangers may send them: quotes, backslashes, control characters, surrogates, VTL. */
const hostileText = fc.oneof(
  fc.string({ unit: codePoint }),
  fc.string({
    unit: fc.constantFrom(
      ...['"', "'", '\\', '/', '\n', '\u0000', '\u2028', '\ud800', '\udc00', 'é', '🎉', '$', '#'],
      ...[
        '{',
        '}',
        '#set($x = 1)',
        '$input.body',
        '${util}',
        '$!context',
        '#end',
        '#foreach',
        '*#',
        '##',
        '")',
      ],
    ),
  }),
);

const single = '/v1/events/by_name';
const batch = '/v1/events/by_name/batch';

describe.each<VelocityVersion>(['1.7', '2'])('under the rules of Velocity %s', (version) => {
  test('a single event: the output is JSON, and holds body and key as they were', () =>
    fc.assert(
      fc.property(hostileText, hostileText, (login, other) => {
        const body = JSON.stringify({ actor: { 'login-name': login }, [other]: other }, null, 1);
        const record = requestOf(single, body, version) as PutRecord;
        expect(record.StreamName).toBe('stream-by_name');
        expect(decoded(record.Data)).toBe(`${body}\n`);
        const isKey = login !== '' && login.length <= 256;
        expect(record.PartitionKey).toBe(isKey ? login : requestId);
      }),
    ));

  test('a batch: one record for each event, whatever they hold', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(hostileText, fc.jsonValue()), { minLength: 1, maxLength: 5 }),
        (parts) => {
          const events = parts.map(([login, value]) => ({ actor: { 'login-name': login }, value }));
          const { Records } = requestOf(batch, JSON.stringify({ events }), version) as {
            Records: readonly PutRecord[];
          };
          expect(Records.map(({ Data }) => JSON.parse(decoded(Data)) as unknown)).toEqual(
            JSON.parse(JSON.stringify(events)),
          );
          expect(Records.map(({ Data }) => decoded(Data).indexOf('\n'))).toEqual(
            Records.map(({ Data }) => decoded(Data).length - 1),
          );
          expect(Records.map(({ PartitionKey }) => PartitionKey)).toEqual(
            parts.map(([login], index) =>
              login !== '' && login.length <= 256 ? login : `${requestId}-${index}`,
            ),
          );
        },
      ),
    ));

  test('an event without its key does not get that of the event before', () => {
    const events = [{ actor: { 'login-name': 'a' } }, { actor: {} }, { actor: null }, {}];
    const { Records } = requestOf(batch, JSON.stringify({ events }), version) as {
      Records: readonly PutRecord[];
    };
    expect(Records.map(({ PartitionKey }) => PartitionKey)).toEqual([
      'a',
      `${requestId}-1`,
      `${requestId}-2`,
      `${requestId}-3`,
    ]);
  });

  test('an event nested a hundred thousand levels deep, even in its key, goes through as it is', () => {
    const deep = `${'['.repeat(100_000)}12345678901234567890${']'.repeat(100_000)}`;
    const event = `{"actor":{"login-name":${deep}},"other":${deep}}`;
    const { Records } = requestOf(batch, `{"events":[${event},{}]}`, version) as {
      Records: readonly PutRecord[];
    };
    expect(Records.map(({ Data }) => decoded(Data))).toEqual([`${event}\n`, '{}\n']);
    expect(Records[0]!.PartitionKey).toBe(`${requestId}-0`);
    expect(decoded((requestOf(single, event, version) as PutRecord).Data)).toBe(`${event}\n`);
  });

  test('500 events are one call of 500 records', () => {
    const events = Array.from({ length: 500 }, (_, id) => ({ id }));
    const { Records } = requestOf('/v1/events/sale/batch', JSON.stringify({ events }), version) as {
      Records: readonly PutRecord[];
    };
    expect(Records).toHaveLength(500);
    expect(Records[499]).toEqual({
      Data: Buffer.from('{"id":499}\n').toString('base64'),
      PartitionKey: '499',
    });
  });

  test('numbers of a batch keep every digit that they are sent with', () => {
    const numbers = ['0.12345678901234567', '1234567890123456.7', '98765432109876.543', '1e-400'];
    const events = numbers.map((number) => `{"id":1,"j":{"x":[${number}]},"extra":${number}}`);
    const { Records } = requestOf(batch, `{"events":[${events.join()}]}`, version) as {
      Records: readonly PutRecord[];
    };
    expect(Records.map(({ Data }) => decoded(Data))).toEqual(events.map((event) => `${event}\n`));
  });

  test('integers beyond 2^53 keep their digits, in the key as well', () => {
    const body = '{"events":[{"id":-9223372036854775808}]}';
    const { Records } = requestOf('/v1/events/sale/batch', body, version) as {
      Records: readonly PutRecord[];
    };
    expect(Records[0]!.PartitionKey).toBe('-9223372036854775808');
    expect(decoded(Records[0]!.Data)).toBe('{"id":-9223372036854775808}\n');
  });

  test('where Kinesis took every record, the answer is 200', () => {
    const Records = [
      { SequenceNumber: '1', ShardId: 's' },
      { SequenceNumber: '2', ShardId: 's' },
    ];
    const answer = responseOf(batch, '200', { FailedRecordCount: 0, Records }, version);
    expect(answer).toEqual({ status: undefined, headers: {}, body: { accepted: 2, failed: [] } });
  });

  test('where Kinesis refused some, the answer is 207 with their indexes', () => {
    const throttled = {
      ErrorCode: 'ProvisionedThroughputExceededException',
      ErrorMessage: 'Rate exceeded for shard s in stream x under account 111122223333.',
    };
    const taken = { SequenceNumber: '1', ShardId: 's', ErrorCode: null, ErrorMessage: null };
    const Records = [
      taken,
      throttled,
      { SequenceNumber: '2', ShardId: 's' },
      { ErrorCode: 'InternalFailure', ErrorMessage: '"' },
    ];
    const answer = responseOf(batch, '200', { FailedRecordCount: 2, Records }, version);
    expect(answer.status).toBe(207);
    expect(answer.headers).toEqual({ 'retry-after': '1' });
    expect(answer.body).toEqual({
      accepted: 2,
      failed: [
        { index: 1, code: 'THROTTLED', message: expect.any(String) },
        { index: 3, code: 'UNAVAILABLE', message: expect.any(String) },
      ],
    });
    expect(JSON.stringify(answer.body)).not.toContain('111122223333');
  });

  test.each([
    ['ProvisionedThroughputExceededException', 'Rate exceeded', 429],
    ['KMSThrottlingException', '', 429],
    ['LimitExceededException', '', 429],
    ['ValidationException', "'records' Member must have length less than or equal to 500", 400],
    ['ValidationException', "'data' Member must have length less than or equal to 1048576", 413],
    ['InvalidArgumentException', 'Records size exceeds 5 MB limit', 413],
    ['SerializationException', '', 400],
    ['ResourceNotFoundException', 'Stream x under account 111122223333 not found.', undefined],
    ['AccessDeniedException', 'User: arn:aws:sts::111122223333:…', undefined],
  ])('%s (%s) answers %s', (type, message, status) => {
    const answer = responseOf(single, '4(?!13)\\d{2}', { __type: type, message }, version);
    expect(answer.status).toBe(status);
    expect(answer.headers['retry-after']).toBe(status === 429 ? '1' : undefined);
    expect(answer.body).toEqual({ message: expect.stringMatching(/\.$/), requestId });
    expect(JSON.stringify(answer.body)).not.toContain('111122223333');
  });

  test('an unknown event type is named in the answer, whatever it is called', () =>
    fc.assert(
      fc.property(hostileText, (name) => {
        const { responses } = integrationOf('/v1/events/{event_type}');
        const template = responses!['default']!.responseTemplates!['application/json']!;
        const { text } = render(template, '', version, { event_type: name });
        const { message } = JSON.parse(text) as { message: string };
        expect(message).toContain(`no event type "${name}"`);
      }),
    ));
});

test('a key whose name a template can not hold leaves events to be spread by request id', () => {
  const strange: EventType = defineEvent({
    name: 'strange',
    version: '1.0.0',
    key: `it's $1`,
    schema: {
      type: 'object',
      required: [`it's $1`],
      properties: { [`it's $1`]: { type: 'string' } },
    },
  });
  const { paths } = ingestApiDocument({
    eventTypes: [strange],
    streamName: () => 's',
    credentialsArn: '',
    region: '',
  });
  const { post } = paths['/v1/events/strange'] as unknown as { post: Operation };
  const template = post['x-amazon-apigateway-integration']!.requestTemplates!['application/json']!;
  const record = JSON.parse(render(template, `{"it's $1":"a"}`, '1.7').text) as PutRecord;
  expect(record.PartitionKey).toBe(requestId);
});
