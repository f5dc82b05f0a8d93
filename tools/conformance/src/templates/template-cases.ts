import { defineEvent } from '@sluice/event-schema';
import { shippedEventTypes } from '@sluice/event-types';
import { codePoint } from '@sluice/event-schema/testing/code-point';
import { ingestApiDocument } from '@sluice/ingest-gateway';
import fc from 'fast-check';

/** One template with one input. */
export interface TemplateCase {
  readonly tried: string;
  readonly template: string;
  readonly body: string;
  readonly params: Readonly<Record<string, string>>;
  /** Values of `$context` in place of the usual ones. */
  readonly context?: Readonly<Record<string, unknown>>;
}

export const requestId = '5a6b7c8d-request';

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
  eventTypes: [byName, ...shippedEventTypes],
  streamName: ({ name }) => `stream-${name}`,
  credentialsArn: 'arn:aws:iam::000000000000:role/gateway',
  region: 'eu-west-1',
});

/** The same with traces of half of the requests, which begin with an id of less than 8. */
const tracedDocument = ingestApiDocument({
  eventTypes: [byName],
  streamName: ({ name }) => `stream-${name}`,
  credentialsArn: 'arn:aws:iam::000000000000:role/gateway',
  region: 'eu-west-1',
  traces: { share: 0.5 },
});

/** Values of the header `traceparent`: valid ones, and ones that must leave no trace of themselves. */
const traceparents: readonly string[] = [
  '',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  '00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Data": "x',
  '$input.body ${context.requestId} #set($a = 1) #end',
  `00-${'a'.repeat(10_000)}`,
  'it\'s \\ " é 🎉',
];

const requestIds: readonly string[] = [
  '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  'df2504e0-4f89-41d3-9a0c-0305e82c3301',
  'test-invoke-request',
  '$input.body "',
];

interface Integration {
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly responses: Readonly<
    Record<string, { readonly responseTemplates: Readonly<Record<string, string>> }>
  >;
}

const integrationOf = (path: string, of = document): Integration =>
  (
    of.paths[path] as unknown as {
      readonly post: { readonly 'x-amazon-apigateway-integration': Integration };
    }
  ).post['x-amazon-apigateway-integration'];

/** Hostile values, each as JSON text for a body. */
const hostileValues: readonly string[] = [
  'null',
  'true',
  'false',
  ...['0', '-0', '1.0', '1.10', '-0.0', '1e3', '1E+2', '1e-7', '1e21', '123456789.125', '0.1'],
  ...['1.7976931348623157e308', '5e-324', '0.30000000000000004', '100000000000000000000.5'],
  ...['9007199254740991', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  ...['9223372036854775808', '18446744073709551616', '123456789012345678901234567890'],
  ...['2147483647', '2147483648', '0.00001', '1234567.0', '12345678.9', '1e7', '1e-3'],
  '""',
  '" "',
  String.raw`"\""`,
  String.raw`"\\"`,
  String.raw`"\/"`,
  '"/"',
  `"it's"`,
  String.raw`"\\'"`,
  String.raw`"\b\f\n\r\t"`,
  String.raw`"\u0000\u0001\u001f\u007f\u0080\u009f"`,
  String.raw`"\u2028\u2029\ufeff"`,
  '"é ü ß 東京 🎉"',
  String.raw`"\u00e9 \ud83c\udf89"`,
  '"</script><!-- & --> <a href=\'x\'>"',
  '"$input.body"',
  '"${context.requestId}"',
  '"$!x #set($x = 1) #end #if(true)"',
  '"#foreach($a in $b)#end ## comment #* block *#"',
  '"$util.base64Encode(\'x\')"',
  '"]]>\\n{}[]"',
  `"${'x'.repeat(255)}"`,
  `"${'x'.repeat(256)}"`,
  `"${'x'.repeat(257)}"`,
  `"${'é'.repeat(256)}"`,
  '[]',
  '{}',
  '[1, 2.50, "a", null, {"b": []}]',
  '{"a": {"b": {"c": [[[]]]}}}',
  '{"": 1}',
  '{"a.b": 1, "a b": 2, "a\\"b": 3, "é": 4}',
  '{"$": 1, "#": 2, "__proto__": 3, "constructor": 4, "class": 5, "size": 6}',
  '{"z": 1, "a": 2, "10": 3, "9": 4}',
  '{"a": 1, "a": 2}',
];

/** Answers of Kinesis, by status, containing texts that clients must not see. */
const kinesisAnswers: readonly (readonly [status: string, body: string])[] = [
  [
    '200',
    '{"SequenceNumber":"49590338271490256608559692538361571095921575989136588898","ShardId":"shardId-000000000000"}',
  ],
  ['200', '{"EncryptionType":"KMS","SequenceNumber":"1","ShardId":"shardId-000000000001"}'],
  ...[
    'ProvisionedThroughputExceededException',
    'com.amazonaws.kinesis.v20131202#ProvisionedThroughputExceededException',
    'LimitExceededException',
    'KMSThrottlingException',
    'ThrottlingException',
    'ValidationException',
    'InvalidArgumentException',
    'SerializationException',
    'ResourceNotFoundException',
    'AccessDeniedException',
    'UnrecognizedClientException',
  ].flatMap((type): readonly (readonly [string, string])[] => [
    [
      '4(?!13)\\d{2}',
      JSON.stringify({ __type: type, message: `it's "secret" \\ about 000000000000` }),
    ],
    [
      '4(?!13)\\d{2}',
      JSON.stringify({
        __type: type,
        Message:
          "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576",
      }),
    ],
    ['4(?!13)\\d{2}', JSON.stringify({ __type: type })],
  ]),
  ['4(?!13)\\d{2}', '{}'],
  ['4(?!13)\\d{2}', '{"__type":null,"message":null}'],
  ['413', '{}'],
  ['default', '{"__type":"InternalFailure"}'],
  ['default', '{}'],
];

const refused = (code: string): string =>
  JSON.stringify({ ErrorCode: code, ErrorMessage: `it's "secret"` });
const taken = '{"SequenceNumber":"1","ShardId":"shardId-000000000000"}';
const batchAnswers: readonly string[] = [
  [taken],
  [taken, taken, taken],
  [refused('ProvisionedThroughputExceededException')],
  [taken, refused('InternalFailure'), taken, refused('ProvisionedThroughputExceededException')],
  [taken, '{"SequenceNumber":"1","ShardId":"s","ErrorCode":null,"ErrorMessage":null}'],
  Array<string>(500).fill(taken),
  Array<string>(500).fill(refused('KMSThrottlingException')),
].map(
  (records) =>
    `{"FailedRecordCount":${records.filter((record) => record.includes('"ErrorCode":"')).length},"Records":[${records.join(',')}]}`,
);

const request = (path: string): string =>
  integrationOf(path).requestTemplates['application/json'] ?? '';

const single = '/v1/events/by_name';
const batch = '/v1/events/by_name/batch';

export const singleTemplate = request(single);
export const batchTemplate = request(batch);

function fixedCases(): TemplateCase[] {
  const cases: TemplateCase[] = [];
  const add = (tried: string, template: string, body: string, params = {}): void =>
    void cases.push({ tried, template, body, params });
  for (const value of hostileValues) {
    const asKey = `{"actor": {"login-name": ${value}}, "n": 1}`;
    const asValue = `{"actor":{"login-name":"k"},"v":${value}}`;
    const shown = value.length > 60 ? `${value.slice(0, 20)}… (${value.length})` : value;
    add(`one event, key ${shown}`, request(single), asKey);
    add(`one event, value ${shown}`, request(single), asValue);
    add(`a batch, key ${shown}`, request(batch), `{"events":[${asKey}, ${asValue}]}`);
    add(
      `a batch, value ${shown}`,
      request(batch),
      `{"events": [ ${asValue} ] , "other": ${value}}`,
    );
  }
  for (const body of [
    '{}',
    '{"actor":null}',
    '{"actor":[]}',
    '{"actor":"x"}',
    '[]',
    '1',
    '',
    '{"broken',
  ])
    add(`one event, body ${body || 'empty'}`, request(single), body);
  for (const events of ['[]', '[null]', '[1,"a",true]', '[[]]', '[{}]', '{}', 'null', '"x"'])
    add(`a batch, events ${events}`, request(batch), `{"events":${events}}`);
  add(
    'a batch of 500',
    request(batch),
    `{"events":[${Array.from({ length: 500 }, (_, n) => `{"actor":{"login-name":"u${n}"}}`).join(',')}]}`,
  );
  for (const { name } of shippedEventTypes) {
    add(`${name}: one, empty`, request(`/v1/events/${name}`), '{}');
    add(`${name}: a batch, empty`, request(`/v1/events/${name}/batch`), '{"events":[{}]}');
  }
  const responses = integrationOf(single).responses;
  for (const [status, body] of kinesisAnswers)
    add(
      `Kinesis ${status}: ${body.slice(0, 90)}`,
      responses[status]?.responseTemplates['application/json'] ?? '',
      body,
    );
  const batchResponses = integrationOf(batch).responses;
  for (const body of batchAnswers)
    add(
      `PutRecords: ${body.slice(0, 90)}`,
      batchResponses['200']?.responseTemplates['application/json'] ?? '',
      body,
    );
  const unknown = (
    document.paths['/v1/events/{event_type}'] as unknown as {
      readonly post: { readonly 'x-amazon-apigateway-integration': Integration };
    }
  ).post['x-amazon-apigateway-integration'];
  for (const name of [
    'x',
    'é',
    `"`,
    `it's`,
    '\\',
    '$input',
    '#set($a=1)',
    '\u0000\u2028',
    '</script>',
  ])
    add(
      `unknown event type ${JSON.stringify(name)}`,
      unknown.responses['default']?.responseTemplates['application/json'] ?? '',
      '{}',
      { event_type: name },
    );
  for (const header of traceparents)
    for (const id of requestIds)
      for (const path of [single, batch]) {
        const event = '{"actor":{"login-name":"k"}}';
        cases.push({
          tried: `${path}, traceparent ${header.slice(0, 40)} of request ${id}`,
          template: integrationOf(path, tracedDocument).requestTemplates['application/json'] ?? '',
          body: path === single ? event : `{"events":[${event},${event}]}`,
          params: header === '' ? {} : { traceparent: header },
          context: { requestId: id, requestTimeEpoch: 1_795_824_000_000 },
        });
      }
  return cases;
}

/** Generates bodies that no one would write by hand; the same ones for the same seed. */
function randomCases(count: number, seed: number): TemplateCase[] {
  const text = fc
    .oneof(
      fc.string({ unit: codePoint, maxLength: 20 }),
      fc.string({
        unit: fc.constantFrom(
          '"',
          "'",
          '\\',
          '/',
          '\n',
          '\u0000',
          '\u2028',
          'é',
          '🎉',
          '$',
          '#',
          '{',
          '}',
          '(',
          ')',
          '!',
          'a',
        ),
        maxLength: 20,
      }),
    )
    .map((value) => value.replace(/\p{Surrogate}/gu, ''));
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  return fc
    .sample(fc.tuple(text, value, fc.boolean()), { seed, numRuns: count })
    .map(([key, v, isBatch], index) => {
      const event = JSON.stringify({ actor: { 'login-name': key }, v });
      return {
        tried: `random ${index}`,
        template: request(isBatch ? batch : single),
        body: isBatch ? `{"events":[${event},${event}]}` : event,
        params: {},
      };
    });
}

export const templateCases = (): readonly TemplateCase[] => [
  ...fixedCases(),
  ...randomCases(200, 1),
];
