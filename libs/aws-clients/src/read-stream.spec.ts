import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { readStream } from './read-stream';

/** A shard that answers with these, one after another, and is asked no more often. */
const clientOf = (answers: readonly object[]) => {
  const left = [...answers];
  const send = (command: { readonly constructor: { readonly name: string } }) => {
    switch (command.constructor.name) {
      case 'ListShardsCommand':
        return Promise.resolve({ Shards: [{ ShardId: 's' }] });
      case 'GetShardIteratorCommand':
        return Promise.resolve({ ShardIterator: 'i' });
      default: {
        const answer = left.shift();
        return answer
          ? Promise.resolve({ NextShardIterator: 'i', ...answer })
          : Promise.reject(new Error('asked once more than needed'));
      }
    }
  };
  return { client: { send } as unknown as Pick<KinesisClient, 'send'>, left };
};

const record = (sequenceNumber: string, arrivalMs: number) => ({
  SequenceNumber: sequenceNumber,
  ApproximateArrivalTimestamp: new Date(arrivalMs),
  Data: new Uint8Array(),
});

test.each<readonly [string, readonly object[]]>([
  [
    'at the tip, where the shard says that it is there',
    [
      { Records: [record('1', 1_000)], MillisBehindLatest: 500 },
      { Records: [], MillisBehindLatest: 100 },
      { Records: [record('2', 2_000)], MillisBehindLatest: 0 },
    ],
  ],
  [
    'at an empty answer, where the shard does not say how far behind it is',
    [{ Records: [record('1', 1_000)] }, { Records: [record('2', 2_000)] }, { Records: [] }],
  ],
  [
    'behind the time that is asked for',
    [
      {
        Records: [record('1', 1_000), record('2', 2_000), record('3', 9_000)],
        MillisBehindLatest: 9,
      },
    ],
  ],
])('reading ends %s', async (_, answers) => {
  const { client, left } = clientOf(answers);
  const read: string[] = [];
  const sleep = () => Promise.resolve();
  for await (const { sequenceNumber } of readStream({
    client,
    streamName: 'x',
    fromMs: 0,
    toMs: 5_000,
    sleep,
  }))
    read.push(sequenceNumber);
  expect(read).toEqual(['1', '2']);
  expect(left).toEqual([]);
});
