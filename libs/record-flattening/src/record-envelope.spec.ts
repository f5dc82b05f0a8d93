import { gunzipSync } from 'node:zlib';
import { traceLine, type RecordTrace } from '@sluice/traces';
import { openRecord, sealRecord, sealRecordWithin } from './record-envelope';

const origin = { shardId: 'shard-1', sequenceNumber: '42', arrivalMs: 7 };
const trace: RecordTrace = {
  traceId: 'a'.repeat(32),
  parentSpanId: 'b'.repeat(16),
  requestId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  requestMs: 5,
  index: 0,
};
const event = Buffer.from('{"id":"A-1"}\n');
const line = Buffer.from(traceLine(trace));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('an event is the same with the line of its trace and without', () => {
  expect(openRecord(event)).toEqual({ bytes: event, envelope: undefined, trace: undefined });
  const opened = openRecord(Buffer.concat([line, event]));
  expect([text(opened.bytes), opened.envelope, opened.trace]).toEqual([
    text(event),
    undefined,
    trace,
  ]);
});

test('an envelope keeps the trace, also around compressed bytes, and opens as before without', () => {
  const sealed = openRecord(sealRecord(event, { origin, attempt: 2, trace }));
  expect([text(sealed.bytes), sealed.envelope]).toEqual([
    text(event),
    { origin, attempt: 2, trace },
  ]);
  const large = Buffer.from(`{"id":"${'x'.repeat(2_000)}"}`);
  const zipped = openRecord(sealRecordWithin(500, large, { origin, attempt: 1, trace })!);
  expect([zipped.trace, text(gunzipSync(zipped.bytes))]).toEqual([trace, text(large)]);
  expect(openRecord(sealRecord(event, { origin, attempt: 1 }))).toMatchObject({
    envelope: { origin, attempt: 1 },
    trace: undefined,
  });
});

test('a line that is no trace stays, and the record is refused as no JSON', () => {
  for (const forged of [
    '\x1esluice-trace/1 00-x-y-01 id 1 0\n',
    '\x1esluice-trace/2 \n',
    text(line).trimEnd(),
  ]) {
    const record = Buffer.concat([Buffer.from(forged), event]);
    expect([openRecord(record).trace, text(openRecord(record).bytes)]).toEqual([
      undefined,
      text(record),
    ]);
  }
});
