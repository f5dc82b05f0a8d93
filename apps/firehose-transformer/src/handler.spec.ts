import { gzipSync } from 'node:zlib';
import type { FirehoseTransformationEvent, FirehoseTransformationEventRecord } from 'aws-lambda';
import { defineEvent } from '@sluice/event-schema';
import { compileFlattener } from '@sluice/record-flattening';
import { transformerHandler, type TransformerOptions } from './handler';
import { maxAttempts, type StreamEntry, type StreamPort } from './requeue';
import type { InvocationCounts } from './telemetry';
import type { RecordFault } from './transform-record';

const flattener = compileFlattener(
  defineEvent({
    name: 'thing',
    version: '1.0.0',
    key: 'id',
    schema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
  }),
);

const record = (
  data: string | Uint8Array,
  recordId: string,
  sequenceNumber = recordId,
): FirehoseTransformationEventRecord => ({
  recordId,
  approximateArrivalTimestamp: 1_000,
  data: Buffer.from(data).toString('base64'),
  kinesisRecordMetadata: {
    shardId: 'shard-1',
    partitionKey: `key of ${recordId}`,
    approximateArrivalTimestamp: 1_000,
    sequenceNumber,
    subsequenceNumber: '',
  },
});

const request = (
  records: readonly FirehoseTransformationEventRecord[],
): FirehoseTransformationEvent => ({
  invocationId: 'i',
  deliveryStreamArn: 'arn',
  region: 'eu-west-1',
  records: [...records],
});

/** A stream that refuses as many calls and entries as it is told to, as Kinesis does when it throttles. */
class MemoryStream implements StreamPort {
  readonly taken: StreamEntry[] = [];
  calls = 0;
  constructor(
    private readonly refuses: (entry: StreamEntry, call: number) => boolean = () => false,
  ) {}
  put(entries: readonly StreamEntry[]): Promise<readonly (string | undefined)[]> {
    this.calls++;
    return Promise.resolve(
      entries.map((entry) => {
        if (this.refuses(entry, this.calls)) return 'ProvisionedThroughputExceededException';
        this.taken.push(entry);
        return undefined;
      }),
    );
  }
}

const setUp = (options: Partial<TransformerOptions> = {}, stream = new MemoryStream()) => {
  const failures: (RecordFault & { recordId: string })[] = [];
  const counts: InvocationCounts[] = [];
  const handler = transformerHandler({
    flattener,
    stream,
    telemetry: {
      recordFailed: (recordId, fault) => failures.push({ recordId, ...fault }),
      invocationDone: (counted) => counts.push(counted),
    },
    requeueOptions: { sleep: () => Promise.resolve() },
    ...options,
  });
  return { handler, stream, failures, counts };
};

const rows = (data: string | undefined): Record<string, unknown>[] =>
  Buffer.from(data ?? '', 'base64')
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the transformer', () => {
  test('answers every record once, in order, and leaves neighbours of a bad one alone', async () => {
    const { handler, failures, counts } = setUp();
    const records = [
      record('{"id":"a"}', '1'),
      record('{"id":"secret', '2'),
      record('[]', '3'),
      record('[{"id":"b"},{"id":"c"}]', '4'),
      record('[{"id":"d"},{"id":7}]', '5'),
      record(gzipSync('{"id":"e"}'), '6'),
      record(gzipSync('{"id":"e"}').subarray(0, 20), '7'),
    ];
    const answer = await handler(request(records));
    expect(answer.records.map(({ recordId, result }) => `${recordId} ${result}`)).toEqual([
      '1 Ok',
      '2 ProcessingFailed',
      '3 Dropped',
      '4 Ok',
      '5 ProcessingFailed',
      '6 Ok',
      '7 ProcessingFailed',
    ]);
    expect(rows(answer.records[3]?.data).map(({ id, event_id }) => [id, event_id])).toEqual([
      ['b', 'shard-1:4:0'],
      ['c', 'shard-1:4:1'],
    ]);
    expect(answer.records[1]?.data).toBe(records[1]?.data);
    expect(failures).toMatchObject([
      { recordId: '2', code: 'malformed-json', path: '/id' },
      { recordId: '5', code: 'type', path: '/1/id' },
      { recordId: '7', code: 'malformed-gzip' },
    ]);
    expect(counts).toEqual([{ records: 7, rows: 4, failed: 3, dropped: 1, requeued: 0 }]);
    expect(JSON.stringify(failures)).not.toContain('secret');
  });

  const filler = 'x'.repeat(1000);
  const many = Array.from({ length: 10 }, (_, index) =>
    record(JSON.stringify({ id: `${index}${filler}` }), `${index}`),
  );

  test('puts what one answer can not hold back into the stream, until all is out', async () => {
    const { handler, stream } = setUp({ responseLimitBytes: 6_000 });
    const ids = new Map<string, string>();
    let waiting = many;
    let rounds = 0;
    while (waiting.length > 0) {
      rounds++;
      stream.taken.length = 0;
      const answer = await handler(request(waiting));
      expect(JSON.stringify(answer).length).toBeLessThanOrEqual(6_000);
      expect(answer.records.map(({ recordId }) => recordId)).toEqual(
        waiting.map(({ recordId }) => recordId),
      );
      for (const { result, data } of answer.records)
        if (result === 'Ok')
          for (const row of rows(data))
            ids.set(row['event_id'] as string, (row['id'] as string).slice(0, 1));
      const dropped = answer.records.filter(({ result }) => result === 'Dropped').length;
      expect(stream.taken).toHaveLength(dropped);
      waiting = stream.taken.map(({ data }, index) => record(data, `${rounds}-${index}`));
    }
    // Ids come from where the records were first, not from where they were put back.
    expect([...ids].sort()).toEqual(many.map((_, index) => [`shard-1:${index}:0`, `${index}`]));
    expect(rounds).toBeLessThanOrEqual(maxAttempts);
  });

  test('keeps the partition key, and tries again what the stream refused', async () => {
    const stream = new MemoryStream((entry, call) => call < 3 && entry.partitionKey.endsWith('9'));
    const { handler } = setUp({ responseLimitBytes: 9_000 }, stream);
    const answer = await handler(request(many));
    expect(stream.calls).toBe(3);
    expect(stream.taken.map(({ partitionKey }) => partitionKey).sort()).toEqual(
      answer.records
        .filter(({ result }) => result === 'Dropped')
        .map(({ recordId }) => `key of ${recordId}`),
    );
  });

  test('fails a surplus record that the stream refuses for good', async () => {
    const { handler, failures } = setUp(
      { responseLimitBytes: 6_000 },
      new MemoryStream(() => true),
    );
    const answer = await handler(request(many));
    expect(answer.records.filter(({ result }) => result === 'Dropped')).toEqual([]);
    expect(answer.records.some(({ result }) => result === 'ProcessingFailed')).toBe(true);
    expect(failures[0]).toMatchObject({
      code: 'requeue-refused',
      detail: expect.stringContaining('Provisioned'),
    });
  });

  test('fails a record that no answer can hold, and one that was put back too often', async () => {
    const { handler, failures, stream } = setUp({ responseLimitBytes: 1_000 });
    const answer = await handler(request(many.slice(0, 1)));
    expect(answer.records).toEqual([{ recordId: '0', result: 'ProcessingFailed' }]);
    expect(failures[0]).toMatchObject({ code: 'response-too-large' });
    expect(stream.calls).toBe(0);
  });
});
