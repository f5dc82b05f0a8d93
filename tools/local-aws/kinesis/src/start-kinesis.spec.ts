import { PutRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { kinesisClient, readStream } from '@sluice/aws-clients';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { kinesisSource, type KinesisSourceOptions, type StreamRecord } from './kinesis-source';
import { recordsInFiles } from './records-in-files';
import { startKinesis, type LocalKinesis } from './start-kinesis';

const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const folder = mkdtempSync(join(tmpdir(), 'sluice-kinesis-'));
let kinesis: LocalKinesis;
let client: KinesisClient;

const open = async (): Promise<void> => {
  kinesis = await startKinesis({ folder, credentials });
  client = kinesisClient({
    environment: { AWS_ENDPOINT_URL_KINESIS: kinesis.url },
    region: 'us-east-1',
    credentials,
  });
};

const close = async (): Promise<void> => {
  client.destroy();
  await kinesis.close();
};

beforeAll(open);

afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

/** Makes a stream, so that each test has its own. @returns where its shards are read */
async function makeStream(
  name: string,
  shards = 1,
): Promise<readonly Pick<KinesisSourceOptions, 'call' | 'stream' | 'shardId'>[]> {
  const [stream] = await kinesis.ensureStreams([{ name, shards }]);
  return stream!.shardIds.map((shardId) => ({ call: kinesis.call, stream: name, shardId }));
}

const put = async (
  stream: string,
  texts: readonly string[],
  key = (text: string): string => text,
): Promise<void> => {
  await client.send(
    new PutRecordsCommand({
      StreamName: stream,
      Records: texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: key(text) })),
    }),
  );
};

const texts = (records: readonly StreamRecord[]): readonly string[] =>
  records.map(({ data }) => Buffer.from(data, 'base64').toString());

describe('local Kinesis', () => {
  test('refuses records while the disk is all but full, and goes on', async () => {
    const full = mkdtempSync(join(tmpdir(), 'sluice-full-'));
    const warnings: string[] = [];
    const local = await startKinesis({
      folder: full,
      credentials,
      minFreeBytes: 2 ** 60,
      warn: (sentence) => warnings.push(sentence),
    });
    const [stream] = await local.ensureStreams([{ name: 'full', shards: 1 }]);
    const record = { Data: 'YQ==', PartitionKey: 'a' };
    for (const [operation, input] of [
      ['PutRecord', { StreamName: 'full', ...record }],
      ['PutRecords', { StreamName: 'full', Records: [record] }],
    ] as const)
      await expect(local.call(operation, input)).rejects.toThrow(/disk is full/);
    const [shardId] = stream!.shardIds;
    const reader = kinesisSource({ call: local.call, stream: 'full', shardId: shardId! });
    expect(await reader.next()).toEqual([]);
    await local.close();
    // Not one for each record.
    expect(warnings).toEqual([expect.stringContaining(`MiB are free at ${full}`)]);
    rmSync(full, { recursive: true });
  });

  test('gives a shard back in order, from any place on', async () => {
    const [source] = await makeStream('places');
    const reader = kinesisSource({ ...source!, maxRecords: 3 });
    expect(await reader.next()).toEqual([]);
    await put('places', ['a', 'b', 'c', 'd']);
    const first = await reader.next();
    expect(texts(first)).toEqual(['a', 'b', 'c']);
    expect(texts(await reader.next())).toEqual(['d']);
    expect(await reader.next()).toEqual([]);
    await put('places', ['e']);
    expect(texts(await reader.next())).toEqual(['e']);
    const again = kinesisSource({ ...source!, after: first[1]!.sequenceNumber });
    expect(texts(await again.next())).toEqual(['c', 'd', 'e']);
    expect(Math.abs(first[0]!.approximateArrivalTimestampMs - Date.now())).toBeLessThan(60_000);
  });

  test('misses and repeats nothing while one writes and one reads', async () => {
    const [source] = await makeStream('busy');
    const reader = kinesisSource({ ...source!, maxRecords: 7 });
    const sent = Array.from({ length: 200 }, (_, i) => String(i));
    const write = async (): Promise<void> => {
      for (let at = 0; at < sent.length; at += 5) await put('busy', sent.slice(at, at + 5));
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
    await makeStream('lasting', 2);
    await put('lasting', ['a', 'b', 'c', 'd', 'e', 'f']);
    await close();
    await open();
    const sources = await makeStream('lasting', 1);
    expect(sources).toHaveLength(2);
    const records = await Promise.all(sources.map((source) => kinesisSource(source).next()));
    expect(texts(records.flat()).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('drops what is delivered, of one shard only', async () => {
    const [first, second] = await makeStream('trimmed', 2);
    await put('trimmed', ['a', 'b', 'c', 'd', 'e', 'f']);
    const before = await kinesisSource(first!).next();
    const other = await kinesisSource(second!).next();
    const upTo = before[0]!.sequenceNumber;
    await kinesis.trim({ stream: 'trimmed', shardId: first!.shardId, upTo });
    expect(await kinesisSource(first!).next()).toEqual(before.slice(1));
    expect(await kinesisSource({ ...first!, after: upTo }).next()).toEqual(before.slice(1));
    expect(await kinesisSource(second!).next()).toEqual(other);
  });

  test('keeps what is to stay when it drops the records around it', async () => {
    const [source] = await makeStream('kept');
    await put('kept', ['a', 'b', 'c', 'd', 'e', 'f'], () => 'key');
    const all = await kinesisSource(source!).next();
    const at = (index: number): string => all[index]!.sequenceNumber;
    const { shardId } = source!;
    await kinesis.trim({ stream: 'kept', shardId, upTo: at(2), keep: [at(1)] });
    await kinesis.trim({ stream: 'kept', shardId, upTo: at(4), keep: [at(1), at(4), at(5)] });
    expect(texts(await kinesisSource(source!).next())).toEqual(['b', 'e', 'f']);
  });

  describe('the bytes of dropped records', () => {
    const marked = Array.from({ length: 40 }, (_, i) => `Xq7pW3nT9vLk2-${i}`);
    const isInFiles = (database: string): boolean => {
      try {
        return (
          recordsInFiles(database).some((text) => text.includes('Xq7pW3nT9vLk2')) ||
          readdirSync(database).some((name) =>
            readFileSync(join(database, name)).includes('Xq7pW3nT9vLk2'),
          )
        );
      } catch (error) {
        // A file that went meanwhile: LevelDB is at work.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
        throw error;
      }
    };

    /** Drops the marked records of a stream of one shard, where others lie before, between and after them. */
    async function putAndDrop(local: LocalKinesis): Promise<() => Promise<readonly string[]>> {
      const [stream] = await local.ensureStreams([{ name: 'forgotten', shards: 1 }]);
      const add = (data: readonly string[]): Promise<unknown> =>
        local.call('PutRecords', {
          StreamName: 'forgotten',
          Records: data.map((text) => ({
            Data: Buffer.from(text).toString('base64'),
            PartitionKey: text,
          })),
        });
      const shardId = stream!.shardIds[0]!;
      const read = () => kinesisSource({ call: local.call, stream: 'forgotten', shardId }).next();
      await add(['first', ...marked.slice(0, 20), 'kept', ...marked.slice(20)]);
      const all = await read();
      await add(['later']);
      const { sequenceNumber: keep } = all[texts(all).lastIndexOf('kept')]!;
      const upTo = all.at(-1)!.sequenceNumber;
      await local.trim({ stream: 'forgotten', shardId, upTo, keep: [keep] });
      await add(['last']);
      return async () => texts(await read());
    }

    test('leave the files when it is closed', async () => {
      const database = mkdtempSync(join(tmpdir(), 'sluice-forgotten-'));
      const local = await startKinesis({ folder: database, credentials });
      await putAndDrop(local);
      // LevelDB alone keeps them.
      expect(isInFiles(database)).toBe(true);
      await local.close();
      expect(isInFiles(database)).toBe(false);
      expect(recordsInFiles(database).toSorted()).toEqual(['kept', 'last', 'later']);
      rmSync(database, { recursive: true });
    });

    test('leave the files while it runs', async () => {
      const database = mkdtempSync(join(tmpdir(), 'sluice-forgotten-'));
      const warnings: string[] = [];
      const local = await startKinesis({
        folder: database,
        credentials,
        mergeAfterMs: 20,
        warn: (sentence) => warnings.push(sentence),
      });
      for (let round = 0; round < 3; round++) {
        const left = await putAndDrop(local);
        while (isInFiles(database)) await delay(10);
        expect(await left()).toEqual(['kept', 'later', 'last']);
      }
      await local.close();
      expect(warnings).toEqual([]);
      rmSync(database, { recursive: true });
    });
  });

  test('gives a replay what failed at its time, when the rest is dropped already', async () => {
    const [one, other] = await makeStream('replayed', 2);
    await put('replayed', ['a', 'b', 'c', 'd', 'e', 'f']);
    const records = [one!, other!].map(async (source) => ({
      shardId: source.shardId,
      all: await kinesisSource(source).next(),
    }));
    const failed: { shardId: string; sequenceNumber: string; arrivalMs: number }[] = [];
    for (const { shardId, all } of await Promise.all(records)) {
      const { sequenceNumber, approximateArrivalTimestampMs: arrivalMs } = all[1]!;
      failed.push({ shardId, sequenceNumber, arrivalMs });
      const upTo = all.at(-1)!.sequenceNumber;
      await kinesis.trim({ stream: 'replayed', shardId, upTo, keep: [sequenceNumber] });
    }
    const read = async (fromMs: number, toMs: number): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const { shardId, sequenceNumber, arrivalMs } of readStream({
        client,
        streamName: 'replayed',
        fromMs,
        toMs,
      }))
        found.push({ shardId, sequenceNumber, arrivalMs });
      return found;
    };
    const times = failed.map(({ arrivalMs }) => arrivalMs);
    expect(await read(Math.min(...times), Math.max(...times))).toEqual(failed);
  });

  test('answers with 10 MiB at most, and skips nothing by that', async () => {
    const [source] = await makeStream('large');
    const sent = Array.from({ length: 12 }, (_, i) => `${i}`.padEnd(1_000_000, '.'));
    for (const at of [0, 4, 8]) await put('large', sent.slice(at, at + 4), () => 'key');
    const reader = kinesisSource(source!);
    const pages = [await reader.next(), await reader.next(), await reader.next()];
    expect(pages.map(({ length }) => length)).toEqual([10, 2, 0]);
    expect(texts(pages.flat())).toEqual(sent);
  });

  test('refuses a port and a folder that are taken', async () => {
    const port = Number(new URL(kinesis.url).port);
    const otherFolder = join(folder, 'other');
    await expect(startKinesis({ folder: otherFolder, port, credentials })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await expect(startKinesis({ folder, credentials })).rejects.toThrow(/lock/i);
  });

  test('names a stream that is not there', async () => {
    const source = kinesisSource({
      call: kinesis.call,
      stream: 'none',
      shardId: 'shardId-000000000000',
    });
    await expect(source.next()).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });
});
