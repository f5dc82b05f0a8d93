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

const put = async (
  stream: string,
  texts: readonly string[],
  key = (text: string): string => text,
): Promise<void> => {
  const client = kinesisClient({
    environment: { AWS_ENDPOINT_URL_KINESIS: kinesis.url },
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  await client.send(
    new PutRecordsCommand({
      StreamName: stream,
      Records: texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: key(text) })),
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

  test('misses and repeats nothing while one writes and one reads', async () => {
    const [stream] = await kinesis.ensureStreams([{ name: 's', shards: 1 }]);
    const reader = kinesisSource({
      endpoint: kinesis.url,
      stream: 's',
      shardId: stream!.shardIds[0]!,
      maxRecords: 7,
    });
    const sent = Array.from({ length: 200 }, (_, i) => String(i));
    const write = async (): Promise<void> => {
      for (let at = 0; at < sent.length; at += 5) await put('s', sent.slice(at, at + 5));
    };
    const read = async (): Promise<readonly StreamRecord[]> => {
      const records: StreamRecord[] = [];
      while (records.length < sent.length) records.push(...(await reader.next()));
      return records;
    };
    const [records] = await Promise.all([read(), write()]);
    expect(texts(records)).toEqual(sent);
    expect(await reader.next()).toEqual([]);
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

  test('drops what is delivered, of one shard only', async () => {
    const [stream] = await kinesis.ensureStreams([{ name: 's', shards: 2 }]);
    await put('s', ['a', 'b', 'c', 'd', 'e', 'f']);
    const [first, second] = stream!.shardIds.map((shardId) => ({
      endpoint: kinesis.url,
      stream: 's',
      shardId,
    }));
    const before = await kinesisSource(first!).next();
    const other = await kinesisSource(second!).next();
    const upTo = before[0]!.sequenceNumber;
    await kinesis.trim({ stream: 's', shardId: first!.shardId, upTo });
    expect(await kinesisSource(first!).next()).toEqual(before.slice(1));
    expect(await kinesisSource({ ...first!, after: upTo }).next()).toEqual(before.slice(1));
    expect(await kinesisSource(second!).next()).toEqual(other);
  });

  test('answers with 10 MiB at most, and skips nothing by that', async () => {
    const [stream] = await kinesis.ensureStreams([{ name: 's', shards: 1 }]);
    const sent = Array.from({ length: 12 }, (_, i) => `${i}`.padEnd(1_000_000, '.'));
    for (const at of [0, 4, 8]) await put('s', sent.slice(at, at + 4), () => 'key');
    const source = { endpoint: kinesis.url, stream: 's', shardId: stream!.shardIds[0]! };
    const reader = kinesisSource(source);
    const pages = [await reader.next(), await reader.next(), await reader.next()];
    expect(pages.map(({ length }) => length)).toEqual([10, 2, 0]);
    expect(texts(pages.flat())).toEqual(sent);
  });

  test('refuses a port and a folder that are taken', async () => {
    const port = Number(new URL(kinesis.url).port);
    const otherFolder = join(folder, 'other');
    await expect(startKinesis({ folder: otherFolder, port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await expect(startKinesis({ folder })).rejects.toThrow(/lock/i);
  });

  test('names a stream that is not there', async () => {
    const source = kinesisSource({
      endpoint: kinesis.url,
      stream: 'none',
      shardId: 'shardId-000000000000',
    });
    await expect(source.next()).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });
});
