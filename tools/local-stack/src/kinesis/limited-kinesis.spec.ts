import { kinesisClient } from '@sluice/aws-clients';
import { PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
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

/** @returns for each record whether it was stored */
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
