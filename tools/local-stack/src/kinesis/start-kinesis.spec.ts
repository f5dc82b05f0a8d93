import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { kinesisClient } from '@sluice/aws-clients';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kinesisSource, type StreamRecord } from './kinesis-source';
import { startKinesis, type LocalKinesis } from './start-kinesis';

let folder: string;
let kinesis: LocalKinesis;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-kinesis-'));
  kinesis = await startKinesis({ folder });
});

afterEach(async () => {
  await kinesis.close();
  rmSync(folder, { recursive: true });
});

const put = async (stream: string, texts: readonly string[]): Promise<void> => {
  const client = kinesisClient({
    environment: { AWS_ENDPOINT_URL_KINESIS: kinesis.url },
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  await client.send(
    new PutRecordsCommand({
      StreamName: stream,
      Records: texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: text })),
    }),
  );
  client.destroy();
};

const texts = (records: readonly StreamRecord[]): readonly string[] =>
  records.map(({ data }) => Buffer.from(data, 'base64').toString());

describe('local Kinesis', () => {
  test('gives a shard back in order, from any place on', async () => {
    const [stream] = await kinesis.ensureStreams([{ name: 's', shards: 1 }]);
    const source = { endpoint: kinesis.url, stream: 's', shardId: stream!.shardIds[0]! };
    const reader = kinesisSource({ ...source, maxRecords: 3 });
    expect(await reader.next()).toEqual([]);
    await put('s', ['a', 'b', 'c', 'd']);
    const first = await reader.next();
    expect(texts(first)).toEqual(['a', 'b', 'c']);
    expect(texts(await reader.next())).toEqual(['d']);
    expect(await reader.next()).toEqual([]);
    await put('s', ['e']);
    expect(texts(await reader.next())).toEqual(['e']);
    const again = kinesisSource({ ...source, after: first[1]!.sequenceNumber });
    expect(texts(await again.next())).toEqual(['c', 'd', 'e']);
    expect(Math.abs(first[0]!.approximateArrivalTimestampMs - Date.now())).toBeLessThan(60_000);
  });

  test('has its streams and records again after a restart', async () => {
    await kinesis.ensureStreams([{ name: 's', shards: 2 }]);
    await put('s', ['a', 'b', 'c', 'd', 'e', 'f']);
    await kinesis.close();
    kinesis = await startKinesis({ folder });
    const [stream] = await kinesis.ensureStreams([{ name: 's', shards: 1 }]);
    expect(stream?.shards).toBe(2);
    const records = await Promise.all(
      stream!.shardIds.map((shardId) =>
        kinesisSource({ endpoint: kinesis.url, stream: 's', shardId }).next(),
      ),
    );
    expect(texts(records.flat()).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});
