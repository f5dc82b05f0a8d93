import { KinesisError, type KinesisCall } from './kinesis-call';

/** A record as it lies in the stream. */
export interface StreamRecord {
  /** Base64, as it travels. */
  readonly data: string;
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly approximateArrivalTimestampMs: number;
}

export interface KinesisSourceOptions {
  readonly call: KinesisCall;
  readonly stream: string;
  readonly shardId: string;
  /** The first record read is the one after this; without it, the oldest one there is. */
  readonly after?: string;
  /** Records of one answer at most. Larger answers keep Kinesis from its other clients for longer, and are no faster. */
  readonly maxRecords?: number;
}

export interface KinesisSource {
  /** Returns the records after those of the last call, in order; none when the stream has no newer ones. */
  next(signal?: AbortSignal): Promise<readonly StreamRecord[]>;
}

interface GetRecordsAnswer {
  readonly NextShardIterator?: string;
  readonly Records: readonly {
    readonly Data: string;
    readonly PartitionKey: string;
    readonly SequenceNumber: string;
    readonly ApproximateArrivalTimestamp: number;
  }[];
}

const isStale = (error: unknown): boolean =>
  error instanceof KinesisError &&
  (error.code === 'ExpiredIteratorException' || error.code === 'InvalidArgumentException');

/** Reads one shard from a place on. Call `next` only after the last call has settled. */
export function kinesisSource({
  call,
  stream,
  shardId,
  after,
  maxRecords = 1_000,
}: KinesisSourceOptions): KinesisSource {
  let position = after;
  let iterator: string | undefined;

  const read = async (signal?: AbortSignal): Promise<GetRecordsAnswer> => {
    iterator ??= await iteratorAfter(call, { stream, shardId, position, signal });
    return call<GetRecordsAnswer>(
      'GetRecords',
      { ShardIterator: iterator, Limit: maxRecords },
      signal,
    );
  };

  return {
    async next(signal) {
      let answer: GetRecordsAnswer;
      try {
        answer = await read(signal);
      } catch (error) {
        if (iterator === undefined || !isStale(error)) throw error;
        // Iterators live five minutes, sequence numbers as long as their record.
        iterator = undefined;
        answer = await read(signal);
      }
      const last = answer.Records.at(-1);
      // An iterator that found nothing is kept: kinesalite's next one begins at its clock, and would skip
      // a first record of the stream that was being written meanwhile.
      if (last) {
        position = last.SequenceNumber;
        iterator = answer.NextShardIterator;
      }
      return answer.Records.map((record) => ({
        data: record.Data,
        partitionKey: record.PartitionKey,
        sequenceNumber: record.SequenceNumber,
        approximateArrivalTimestampMs: Math.round(record.ApproximateArrivalTimestamp * 1000),
      }));
    },
  };
}

async function iteratorAfter(
  call: KinesisCall,
  {
    stream,
    shardId,
    position,
    signal,
  }: {
    readonly stream: string;
    readonly shardId: string;
    readonly position: string | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<string> {
  const { ShardIterator } = await call<{ readonly ShardIterator: string }>(
    'GetShardIterator',
    {
      StreamName: stream,
      ShardId: shardId,
      ...(position === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: position }),
    },
    signal,
  );
  return ShardIterator;
}
