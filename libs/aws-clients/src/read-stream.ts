import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { setTimeout as sleep } from 'node:timers/promises';

export interface StreamedRecord {
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** Milliseconds since 1970. */
  readonly arrivalMs: number;
  readonly data: Uint8Array;
}

export interface ReadStreamOptions {
  readonly client: Pick<KinesisClient, 'send'>;
  readonly streamName: string;
  /** Period of arrival to read, in milliseconds since 1970, both ends inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Pause between two reads: a shard answers five times a second, for all readers together (Kinesis API reference,
 * GetRecords).
 */
const pauseMs = 250;

/**
 * Reads the records that arrived in a stream during a period, as far as the stream still holds them: one shard after
 * another, each in its order.
 *
 * @throws the client's error, such as `ResourceNotFoundException`
 */
export async function* readStream({
  client,
  streamName,
  fromMs,
  toMs,
}: ReadStreamOptions): AsyncGenerator<StreamedRecord> {
  for (const shardId of await shardIds(client, streamName)) {
    const first = await firstIterator(client, { streamName, shardId, fromMs });
    for (let iterator = first; iterator;) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
      let isPast = false;
      for (const { SequenceNumber, ApproximateArrivalTimestamp, Data } of answer.Records ?? []) {
        const arrivalMs = ApproximateArrivalTimestamp?.getTime() ?? 0;
        if (arrivalMs > toMs) isPast = true;
        else if (arrivalMs >= fromMs && SequenceNumber !== undefined && Data)
          yield { shardId, sequenceNumber: SequenceNumber, arrivalMs, data: Data };
      }
      // At the tip there is nothing more, though the shard goes on.
      const isEmpty = (answer.Records ?? []).length === 0;
      if (isPast || (isEmpty && answer.MillisBehindLatest === 0)) break;
      iterator = answer.NextShardIterator;
      if (iterator) await sleep(pauseMs);
    }
  }
}

/** Milliseconds to wait for an answer; it usually takes a few. */
const maxAnswerMs = 5_000;

/** Returns the iterator at which reading begins. kinesalite never answers for a time after its last record; then it is the shard's first record. */
async function firstIterator(
  client: ReadStreamOptions['client'],
  {
    streamName,
    shardId,
    fromMs,
  }: { readonly streamName: string; readonly shardId: string; readonly fromMs: number },
): Promise<string | undefined> {
  const shard = { StreamName: streamName, ShardId: shardId };
  const abortSignal = AbortSignal.timeout(maxAnswerMs);
  try {
    const atTime = new GetShardIteratorCommand({
      ...shard,
      ShardIteratorType: 'AT_TIMESTAMP',
      // Times go as fractions of a second, which may be rounded up on the way.
      Timestamp: new Date(fromMs - 1),
    });
    return (await client.send(atTime, { abortSignal })).ShardIterator;
  } catch (error) {
    if (!abortSignal.aborted) throw error;
    const atStart = new GetShardIteratorCommand({ ...shard, ShardIteratorType: 'TRIM_HORIZON' });
    return (await client.send(atStart)).ShardIterator;
  }
}

async function shardIds(
  client: ReadStreamOptions['client'],
  streamName: string,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let token: string | undefined;
  do {
    const { Shards = [], NextToken } = await client.send(
      new ListShardsCommand(
        token === undefined ? { StreamName: streamName } : { NextToken: token },
      ),
    );
    for (const { ShardId } of Shards) if (ShardId !== undefined) ids.push(ShardId);
    token = NextToken;
  } while (token !== undefined);
  return ids;
}
