import { defineEvent, type EventDefinition } from '@sluice/event-schema';
import { compileFlattener, sealRecord } from '@sluice/record-flattening';
import { decodeAwaitedRows, traceLine, type RecordTrace, type Span } from '@sluice/traces';
import { putBackRecord } from './put-back';
import { mayTraceEventIds } from './record-spans';
import { sendRecordSpans } from './send-record-spans';
import { batchTransformer, maxTraced } from './transform-batch';

const thing = (more: Partial<EventDefinition> = {}) =>
  defineEvent({
    name: 'thing',
    version: '1.0.0',
    key: 'id',
    schema: {
      type: 'object',
      required: more.identity === undefined ? ['id'] : ['id', more.identity],
      properties: { id: { type: 'string' }, mail: { type: 'string' } },
    },
    ...more,
  });

const trace: RecordTrace = {
  traceId: 'a'.repeat(32),
  parentSpanId: 'b'.repeat(16),
  requestId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  requestMs: 1_000,
  index: 0,
};

const recordOf = (text: string | Uint8Array, recordId = '1', sequenceNumber = recordId) => ({
  recordId,
  approximateArrivalTimestamp: 1_010,
  data: Buffer.from(text).toString('base64'),
  kinesisRecordMetadata: {
    shardId: 'shard-1',
    partitionKey: 'k',
    approximateArrivalTimestamp: 1_010,
    sequenceNumber,
    subsequenceNumber: '',
  },
});

/** Transforms records, and returns what is told of them. */
async function told(
  records: readonly ReturnType<typeof recordOf>[],
  { eventType = thing(), responseLimitBytes = 6_000_000 } = {},
) {
  const spans: Span[] = [];
  const objects = new Map<string, string>();
  const dropped: number[] = [];
  const transform = batchTransformer({
    flattener: compileFlattener(eventType),
    putBack: () => Promise.resolve([]),
    responseLimitBytes,
  });
  const { traced, answers } = await transform(records);
  await sendRecordSpans({
    eventType,
    table: 'thing',
    streamName: 'sluice-dev-thing',
    send: (sent) => {
      spans.push(...sent);
      return Promise.resolve();
    },
    put: (key, bytes) => {
      objects.set(key, Buffer.from(bytes).toString());
      return Promise.resolve();
    },
    telemetry: { spansDropped: (count) => dropped.push(count) },
    newId: () => 'unique',
  })(traced, { startMs: 2_000, endMs: 2_020, batchRecords: records.length });
  return { spans, objects, answers };
}

const shown = ({ service, name, kind, spanId, parentSpanId, startMs, endMs }: Span) => ({
  service,
  name,
  kind,
  spanId,
  parentSpanId,
  startMs,
  endMs,
});

test('a recorded event leaves the spans of its way, one below the other, and its row is awaited', async () => {
  const { spans, objects, answers } = await told([recordOf(`${traceLine(trace)}{"id":"A-1"}\n`)]);
  expect(answers[0]?.result).toBe('Ok');
  const [gateway, stream, transform] = spans;
  expect(spans.map(shown)).toEqual([
    {
      service: 'ingest-gateway',
      name: 'POST /v1/events/{event_type}',
      kind: 'server',
      spanId: gateway!.spanId,
      parentSpanId: trace.parentSpanId,
      startMs: 1_000,
      endMs: 1_010,
    },
    {
      service: 'event-stream',
      name: 'wait thing',
      kind: 'internal',
      spanId: stream!.spanId,
      parentSpanId: gateway!.spanId,
      startMs: 1_010,
      endMs: 2_000,
    },
    {
      service: 'firehose-transformer',
      name: 'process thing',
      kind: 'consumer',
      spanId: transform!.spanId,
      parentSpanId: stream!.spanId,
      startMs: 2_000,
      endMs: 2_020,
    },
  ]);
  expect(transform!.attributes).toMatchObject({
    'sluice.event_type': 'thing',
    'sluice.event_id': 'shard-1:1:0',
    'sluice.rows': 1,
  });
  expect([...objects.keys()]).toEqual(['thing/traces/dt=1970-01-01/unique.json']);
  expect(decodeAwaitedRows([...objects.values()][0]!)).toEqual([
    { traceId: trace.traceId, spanId: transform!.spanId, eventId: 'shard-1:1:0', madeMs: 2_020 },
  ]);
});

test('the same batch again leaves the same spans', async () => {
  const records = [recordOf(`${traceLine(trace)}{"id":"A-1"}\n`)];
  expect((await told(records)).spans).toEqual((await told(records)).spans);
});

test('of a batch’s events only the first tells of the request', async () => {
  const { spans } = await told(
    [0, 1, 2].map((index) =>
      recordOf(`${traceLine({ ...trace, index })}{"id":"A"}\n`, String(index)),
    ),
  );
  const services = spans.map(({ service }) => service);
  expect(services.filter((service) => service === 'ingest-gateway')).toHaveLength(1);
  expect(services.filter((service) => service === 'firehose-transformer')).toHaveLength(3);
  const [gateway] = spans;
  expect(
    spans.filter(({ service }) => service === 'event-stream').map((span) => span.parentSpanId),
  ).toEqual([gateway!.spanId, gateway!.spanId, gateway!.spanId]);
});

test('a failed event’s span says where and why, without its value', async () => {
  const { spans, objects } = await told([recordOf(`${traceLine(trace)}{"id":["secret"]}\n`)]);
  const { error, attributes } = spans[2]!;
  expect(error).toBe('type');
  expect(attributes).toMatchObject({ 'error.type': 'type', 'sluice.pointer': '/id' });
  expect(JSON.stringify(spans)).not.toContain('secret');
  expect(objects.size).toBe(0);
});

test('a record that goes back into the stream keeps its trace, and is told of when it comes out', async () => {
  const text = `${traceLine(trace)}{"id":"A-1"}\n`;
  const { spans } = await told([recordOf(text, '1'), recordOf(text, '2')], {
    responseLimitBytes: 300,
  });
  expect(spans.filter(({ service }) => service === 'firehose-transformer')).toHaveLength(1);
  const origin = { shardId: 'shard-1', sequenceNumber: '2', arrivalMs: 1_010 };
  const again = putBackRecord(Buffer.from(text), origin, 1, 'k')!;
  const { spans: later, answers } = await told([recordOf(again.data, '9')]);
  expect(answers[0]?.result).toBe('Ok');
  expect(later.map(({ service }) => service)).toEqual(['event-stream', 'firehose-transformer']);
  expect(later[1]!.attributes).toMatchObject({
    'sluice.event_id': 'shard-1:2:0',
    'sluice.attempt': 1,
  });
});

test('records without a trace leave nothing, and of many records some', async () => {
  const origin = { shardId: 's', sequenceNumber: '1', arrivalMs: 5 };
  const plain = ['{"id":"A"}', sealRecord(Buffer.from('{"id":"A"}'), { origin, attempt: 1 })];
  const none = await told(plain.map((text, index) => recordOf(text, String(index))));
  expect([none.spans, none.objects.size]).toEqual([[], 0]);
  const many = await told(
    Array.from({ length: maxTraced + 5 }, (_, index) =>
      recordOf(`${traceLine({ ...trace, index: 1 })}{"id":"A"}\n`, String(index)),
    ),
  );
  expect(many.spans).toHaveLength(2 * maxTraced);
});

test('an id that names a person, or must not be told in clear, is in no span and in no note', async () => {
  const types = [
    thing({ identity: 'mail', subject: 'mail' }),
    thing({ identity: 'mail', privacy: { mail: 'hash' } }),
  ];
  expect(types.map(mayTraceEventIds)).toEqual([false, false]);
  expect([thing(), thing({ identity: 'mail' })].map(mayTraceEventIds)).toEqual([true, true]);
  const { spans, objects } = await told(
    [recordOf(`${traceLine(trace)}{"id":"A-1","mail":"somebody@example.com"}\n`)],
    { eventType: types[0]! },
  );
  expect(spans).toHaveLength(3);
  expect(JSON.stringify(spans)).not.toContain('somebody');
  expect(objects.size).toBe(0);
});
