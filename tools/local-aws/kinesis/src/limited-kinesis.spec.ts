import { kinesisClient } from '@sluice/aws-clients';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limitedKinesis } from './limited-kinesis';
import { startKinesis, type LocalKinesis } from './start-kinesis';

const folder = mkdtempSync(join(tmpdir(), 'sluice-limited-kinesis-'));
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
let nowMs = 0;
let kinesis: LocalKinesis;
beforeAll(async () => {
  kinesis = await limitedKinesis(
    await startKinesis({ folder, credentials }),
    credentials,
    () => nowMs,
  );
  await kinesis.ensureStreams([
    { name: 'one', shards: 1 },
    { name: 'two', shards: 2 },
  ]);
});
afterAll(async () => {
  await kinesis.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => (nowMs += 60_000));

const client = () =>
  kinesisClient({
    endpoint: kinesis.url,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
const kilobytes = (count: number) => Buffer.alloc(count * 1024, 'x');

/** Sends records. @returns for each record whether it was stored */
const putRecords = async (stream: string, count: number, bytes: Buffer, key = 'k') => {
  const { FailedRecordCount, Records = [] } = await client().send(
    new PutRecordsCommand({
      StreamName: stream,
      Records: Array.from({ length: count }, () => ({ Data: bytes, PartitionKey: key })),
    }),
  );
  const stored = Records.map(({ SequenceNumber }) => SequenceNumber !== undefined);
  expect(FailedRecordCount).toBe(stored.filter((is) => !is).length);
  return stored;
};

test('a shard takes 1 MiB a second, and PutRecords tells which records were over it', async () => {
  const stored = await putRecords('one', 12, kilobytes(100));
  expect(stored).toEqual([...Array<boolean>(10).fill(true), false, false]);
  nowMs += 1_000;
  expect(await putRecords('one', 2, kilobytes(100))).toEqual([true, true]);
});

test('a shard takes 1,000 records a second', async () => {
  const results = [
    await putRecords('one', 500, Buffer.from('x')),
    await putRecords('one', 500, Buffer.from('x')),
    await putRecords('one', 1, Buffer.from('x')),
  ];
  expect(results.map((stored) => stored.filter(Boolean).length)).toEqual([500, 500, 0]);
});

test('PutRecord over the limit is refused by its exception', async () => {
  await putRecords('one', 10, kilobytes(100));
  const put = client().send(
    new PutRecordCommand({ StreamName: 'one', Data: kilobytes(100), PartitionKey: 'k' }),
  );
  await expect(put).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
});

test('each shard has its own limits', async () => {
  // MD5 of `a` begins with 0c, of `b` with 92.
  const [a, b] = [
    await putRecords('two', 12, kilobytes(100), 'a'),
    await putRecords('two', 12, kilobytes(100), 'b'),
  ];
  expect([a, b].map((stored) => stored.filter(Boolean).length)).toEqual([10, 10]);
});

test('a record that is too large is refused as such, also by a shard that is at its limit', async () => {
  await putRecords('one', 10, kilobytes(100));
  const put = client().send(
    new PutRecordCommand({ StreamName: 'one', Data: kilobytes(1_100), PartitionKey: 'k' }),
  );
  await expect(put).rejects.toMatchObject({ name: 'ValidationException' });
});

test('what another key signed is refused, and nothing of it is stored', async () => {
  const stranger = kinesisClient({
    endpoint: kinesis.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'other' },
    maxAttempts: 1,
  });
  const records = Array.from({ length: 12 }, () => ({ Data: kilobytes(100), PartitionKey: 'k' }));
  await expect(
    stranger.send(new PutRecordsCommand({ StreamName: 'one', Records: records })),
  ).rejects.toThrow(/signature/i);
});

test.each([
  ['has none at or after', 1_000, 0],
  ['has some after', -60_000, 2],
])('a reader from a time gets an answer where the shard %s it', async (_, offsetMs, count) => {
  const [stream] = await kinesis.ensureStreams([{ name: `at-${count}`, shards: 1 }]);
  const StreamName = stream?.name;
  await putRecords(`at-${count}`, 2, Buffer.from('x'));
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, offsetMs) + 100));
  const { ShardIterator } = await client().send(
    new GetShardIteratorCommand({
      StreamName,
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp: new Date(Date.now() + Math.min(0, offsetMs)),
    }),
  );
  const { Records } = await client().send(new GetRecordsCommand({ ShardIterator }));
  expect(Records).toHaveLength(count);
});
