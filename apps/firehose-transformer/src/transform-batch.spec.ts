import { gzipSync } from 'node:zlib';
import type { FirehoseTransformationEventRecord } from 'aws-lambda';
import type { OutgoingRecord, PutRecords } from '@sluice/aws-clients/put-all-records';
import { defineEvent } from '@sluice/event-schema';
import { compileFlattener } from '@sluice/record-flattening';
import { maxPutBacks, putBackInto } from './put-back';
import { batchTransformer, type BatchTransformerOptions } from './transform-batch';

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

/** Stream that refuses a given number of calls and records, as Kinesis does when it throttles. */
class MemoryStream {
  readonly taken: OutgoingRecord[] = [];
  calls = 0;
  constructor(
    private readonly refuses: (record: OutgoingRecord, call: number) => boolean = () => false,
  ) {}
  readonly putRecords: PutRecords = ({ Records = [] }) => {
    this.calls++;
    return Promise.resolve({
      Records: Records.map(({ Data = new Uint8Array(), PartitionKey = '' }) => {
        const record = { data: Data, partitionKey: PartitionKey };
        if (this.refuses(record, this.calls))
          return { ErrorCode: 'ProvisionedThroughputExceededException' };
        this.taken.push(record);
        return { SequenceNumber: '1' };
      }),
    });
  };
}

const setUp = (options: Partial<BatchTransformerOptions> = {}, stream = new MemoryStream()) => {
  const { putRecords } = stream;
  const sleep = () => Promise.resolve();
  const transform = batchTransformer({
    flattener,
    putBack: putBackInto({ streamName: 'things', putRecords, sleep }),
    ...options,
  });
  return { transform, stream };
};

const rows = (data: string | undefined): Record<string, unknown>[] =>
  Buffer.from(data ?? '', 'base64')
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the transformer', () => {
  test('answers every record once, in order, and leaves neighbours of a bad one alone', async () => {
    const { transform } = setUp();
    const records = [
      record('{"id":"a"}', '1'),
      record('{"id":"secret', '2'),
      record('[]', '3'),
      record('[{"id":"b"},{"id":"c"}]', '4'),
      record('[{"id":"d"},{"id":7}]', '5'),
      record(gzipSync('{"id":"e"}'), '6'),
      record(gzipSync('{"id":"e"}').subarray(0, 20), '7'),
    ];
    const { answers, faults, counts } = await transform(records);
    expect(answers.map(({ recordId, result }) => `${recordId} ${result}`)).toEqual([
      '1 Ok',
      '2 ProcessingFailed',
      '3 Dropped',
      '4 Ok',
      '5 ProcessingFailed',
      '6 Ok',
      '7 ProcessingFailed',
    ]);
    expect(rows(answers[3]?.data).map(({ id, event_id }) => [id, event_id])).toEqual([
      ['b', 'shard-1:4:0'],
      ['c', 'shard-1:4:1'],
    ]);
    expect(answers[1]?.data).toBe(records[1]?.data);
    expect(faults).toMatchObject([
      { recordId: '2', code: 'malformed-json', path: '/id' },
      { recordId: '5', code: 'type', path: '/1/id' },
      { recordId: '7', code: 'malformed-gzip' },
    ]);
    expect(counts).toEqual({
      records: 7,
      rows: 4,
      failed: 3,
      dropped: 1,
      requeued: 0,
      suppressed: 0,
    });
    expect(JSON.stringify(faults)).not.toContain('secret');
  });

  const filler = 'x'.repeat(1000);
  const many = Array.from({ length: 10 }, (_, index) =>
    record(JSON.stringify({ id: `${index}${filler}` }), `${index}`),
  );

  test('puts what one answer can not hold back into the stream, until all is out', async () => {
    const { transform, stream } = setUp({ responseLimitBytes: 6_000 });
    const ids = new Map<string, string>();
    let waiting = many;
    let rounds = 0;
    while (waiting.length > 0) {
      rounds++;
      stream.taken.length = 0;
      const { answers } = await transform(waiting);
      expect(JSON.stringify({ records: answers }).length).toBeLessThanOrEqual(6_000);
      expect(answers.map(({ recordId }) => recordId)).toEqual(
        waiting.map(({ recordId }) => recordId),
      );
      for (const { result, data } of answers)
        if (result === 'Ok')
          for (const row of rows(data))
            ids.set(row['event_id'] as string, (row['id'] as string).slice(0, 1));
      const dropped = answers.filter(({ result }) => result === 'Dropped').length;
      expect(stream.taken).toHaveLength(dropped);
      waiting = stream.taken.map(({ data }, index) => record(data, `${rounds}-${index}`));
    }
    // Ids come from where the records were first, not from where they were put back.
    expect([...ids].sort()).toEqual(many.map((_, index) => [`shard-1:${index}:0`, `${index}`]));
    expect(rounds).toBeLessThanOrEqual(maxPutBacks);
  });

  test('keeps the partition key, and tries again what the stream refused', async () => {
    const stream = new MemoryStream(
      (record, call) => call < 3 && record.partitionKey.endsWith('9'),
    );
    const { transform } = setUp({ responseLimitBytes: 9_000 }, stream);
    const { answers } = await transform(many);
    expect(stream.calls).toBe(3);
    expect(stream.taken.map(({ partitionKey }) => partitionKey).sort()).toEqual(
      answers
        .filter(({ result }) => result === 'Dropped')
        .map(({ recordId }) => `key of ${recordId}`),
    );
  });

  test('fails a surplus record that the stream refuses for good', async () => {
    const { transform } = setUp({ responseLimitBytes: 6_000 }, new MemoryStream(() => true));
    const { answers, faults } = await transform(many);
    expect(answers.filter(({ result }) => result === 'Dropped')).toEqual([]);
    expect(answers.some(({ result }) => result === 'ProcessingFailed')).toBe(true);
    expect(faults[0]).toMatchObject({
      code: 'requeue-refused',
      detail: expect.stringContaining('Provisioned'),
    });
  });

  test('fails a record that no answer can hold, and one that was put back too often', async () => {
    const { transform, stream } = setUp({ responseLimitBytes: 1_000 });
    const { answers, faults } = await transform(many.slice(0, 1));
    expect(answers).toEqual([{ recordId: '0', result: 'ProcessingFailed' }]);
    expect(faults[0]).toMatchObject({ code: 'response-too-large' });
    expect(stream.calls).toBe(0);
  });
});
