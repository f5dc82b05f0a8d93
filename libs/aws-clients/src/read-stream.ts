import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';

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
  /** Arrivals to read, in milliseconds since 1970, both inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly sleep?: (ms: number) => Promise<void>;
}

/** A shard answers five times a second, all readers taken together (Kinesis API reference, GetRecords). */
const pauseMs = 250;

/**
 * Reads what arrived in a stream during a time, as far as the stream still holds it: shard by shard, each in its order.
 *
 * @throws the client's error, such as `ResourceNotFoundException`
 */
export async function* readStream({
  client,
  streamName,
  fromMs,
  toMs,
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: ReadStreamOptions): AsyncGenerator<StreamedRecord> {
  for (const shardId of await shardIds(client, streamName)) {
    const { ShardIterator: first } = await client.send(
      new GetShardIteratorCommand({
        StreamName: streamName,
        ShardId: shardId,
        ShardIteratorType: 'AT_TIMESTAMP',
        Timestamp: new Date(fromMs),
      }),
    );
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
      if (isPast || answer.MillisBehindLatest === 0) break;
      iterator = answer.NextShardIterator;
      if (iterator) await sleep(pauseMs);
    }
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
