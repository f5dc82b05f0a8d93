import { defineEvent } from '@sluice/event-schema';
import { ingestApiDocument } from '@sluice/ingest-gateway';
import { parseTraceLine, traceLine, traceMagicText, type RecordTrace } from '@sluice/traces';
import { MappingTemplate } from './mapping-template';
import type { Integration, Operation } from './rest-api-document';

const eventTypes = Array.from({ length: 200 }, (_, index) =>
  defineEvent({
    name: `type_${index}`,
    version: '1.0.0',
    key: 'id',
    schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
  }),
);

const documentOf = (share: number | undefined) =>
  ingestApiDocument({
    eventTypes,
    streamName: ({ name }) => `stream-${name}`,
    credentialsArn: 'arn:aws:iam::000000000000:role/gateway',
    region: 'eu-west-1',
    ...(share !== undefined && { traces: { share } }),
  });

const all = documentOf(1);
const none = documentOf(0);
const off = documentOf(undefined);

const requestId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const client = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const ownRoute = '/v1/events/type_0';
const sharedRoute = '/v1/events/{event_type}';

interface Sent {
  readonly document?: ReturnType<typeof documentOf>;
  readonly path?: string;
  readonly body?: string;
  readonly header?: string | undefined;
  readonly id?: string;
}

/** Returns the data of the records that a request becomes, by either version of Velocity. */
const recordsOf = ({
  document = all,
  path = ownRoute,
  body = '{"id":"A-1"}',
  header,
  id = requestId,
}: Sent): readonly string[] => {
  const { requestTemplates } = (document.paths[path] as unknown as { post: Operation }).post[
    'x-amazon-apigateway-integration'
  ] as Integration;
  const [one, other] = (['1.7', '2'] as const).map((version) => {
    const { text } = new MappingTemplate(requestTemplates!['application/json']!, version).render({
      body,
      params: {
        path: { event_type: 'type_199' },
        querystring: {},
        header: header === undefined ? {} : { Traceparent: header },
      },
      context: { requestId: id, requestTimeEpoch: 1_795_824_000_000 },
      stageVariables: {},
    });
    const { Data, Records } = JSON.parse(text) as {
      readonly Data?: string;
      readonly Records?: readonly { readonly Data: string }[];
    };
    return (Records ?? [{ Data: Data ?? '' }]).map((record) =>
      Buffer.from(record.Data, 'base64').toString(),
    );
  });
  expect(other).toEqual(one);
  return one ?? [];
};

const traceOf = (record: string | undefined): RecordTrace | undefined => {
  const [line = ''] = (record ?? '').split('\n');
  return line.startsWith(traceMagicText)
    ? parseTraceLine(line.slice(traceMagicText.length))
    : undefined;
};

const fromClient = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  parentSpanId: 'b7ad6b7169203331',
  requestId,
  requestMs: 1_795_824_000_000,
};

test.each([ownRoute, sharedRoute])(
  '%s: a recorded event has its trace in a line before its bytes',
  (path) => {
    const body = '{ "id": "A-1",  "n": 1.10 }';
    const [record = ''] = recordsOf({ path, body, header: client });
    expect(record).toBe(`${traceLine({ ...fromClient, index: 0 })}${body}\n`);
  },
);

test.each([ownRoute, sharedRoute])('%s: each event of a batch knows its place', (path) => {
  const records = recordsOf({
    path: `${path}/batch`,
    body: '{"events":[{"id":"A-1"},{"id":"A-2"}]}',
    header: client,
  });
  expect(records.map(traceOf)).toEqual([0, 1].map((index) => ({ ...fromClient, index })));
  expect(records.map((record) => record.split('\n')[1])).toEqual(['{"id":"A-1"}', '{"id":"A-2"}']);
});

test('without a client’s trace one begins, whose id is the request’s', () => {
  expect(traceOf(recordsOf({})[0])).toEqual({
    ...fromClient,
    traceId: requestId.replaceAll('-', ''),
    parentSpanId: undefined,
    index: 0,
  });
});

const plain = ['{"id":"A-1"}\n'];

test('a client that does not record is followed, also where every request would be recorded', () => {
  expect(recordsOf({ header: client.replace(/01$/, '00') })).toEqual(plain);
});

test('with a share of 0 only clients’ traces are recorded, and without traces none', () => {
  expect(recordsOf({ document: none })).toEqual(plain);
  expect(traceOf(recordsOf({ document: none, header: client })[0])).toBeDefined();
  expect(recordsOf({ document: off, header: client })).toEqual(plain);
  expect(JSON.stringify(off)).not.toContain('traceparent"');
});

test('a share is taken by the first digits of the request id', () => {
  const document = documentOf(0x0a1c / 0x1_0000);
  const isRecorded = (digits: string): boolean =>
    traceOf(recordsOf({ document, id: `${digits}${requestId.slice(4)}` })[0]) !== undefined;
  const ids = ['0000', '09ff', '0a0f', '0a1b', '0a1c', '0a20', '0b00', '1000', 'ffff'];
  expect(ids.filter(isRecorded)).toEqual(['0000', '09ff', '0a0f', '0a1b']);
});

test.each([
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  client.toUpperCase(),
  `${client}-more`,
  `${client}\n{"id":"forged"}`,
  '", "StreamName": "another',
  '$input.body ${context.requestId} #set($a = 1) #end',
  'é🎉\u0000\u2028'.repeat(1000),
])('a header that is no valid traceparent is as none: %p', (header) => {
  expect(recordsOf({ document: none, header })).toEqual(plain);
  const [record] = recordsOf({ header });
  expect(traceOf(record)?.traceId).toBe(requestId.replaceAll('-', ''));
});

test.each(['test-invoke-request', `${requestId}\n`, '", "x": "'])(
  'a request whose id was chosen by its client is not recorded: %p',
  (id) => {
    expect(recordsOf({ id, header: client, body: '{"id":"A-1"}' })).toEqual(plain);
  },
);

test('an event that its line would make too large for the stream is not recorded', () => {
  const body = `{"id":"${'x'.repeat(262_144)}"}`;
  expect(recordsOf({ body, header: client })).toEqual([`${body}\n`]);
  const batch = recordsOf({
    path: `${ownRoute}/batch`,
    body: `{"events":[${body},{"id":"A-1"}]}`,
    header: client,
  });
  expect(batch.map((record) => traceOf(record)?.index)).toEqual([undefined, 1]);
});

test('of a large batch the first fifty events are recorded', () => {
  const events = Array.from({ length: 60 }, (_, id) => `{"id":"${id}"}`);
  const records = recordsOf({
    path: `${ownRoute}/batch`,
    body: `{"events":[${events.join(',')}]}`,
    header: client,
  });
  expect(records.filter(traceOf)).toHaveLength(50);
  expect(records.at(-1)).toBe('{"id":"59"}\n');
});
