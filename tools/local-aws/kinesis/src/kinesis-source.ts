import { KinesisError, type KinesisCall } from './kinesis-call';

/** A record as the stream stores it. */
export interface StreamRecord {
  /** Data in base64, as transmitted. */
  readonly data: string;
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly approximateArrivalTimestampMs: number;
}

export interface KinesisSourceOptions {
  readonly call: KinesisCall;
  readonly stream: string;
  readonly shardId: string;
  /** Sequence number after which reading begins; without it, reading begins with the oldest record. */
  readonly after?: string;
  /**
   * Largest number of records in one answer. Larger answers block other clients of Kinesis for longer, and are no
   * faster.
   */
  readonly maxRecords?: number;
}

export interface KinesisSource {
  /** Returns the records after those of the last call, in order; none where there are no newer ones. */
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

/** Returns a reader of one shard from a position on. Call `next` only after the last call has settled. */
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
        // Iterators expire after five minutes; sequence numbers last as long as their record.
        iterator = undefined;
        answer = await read(signal);
      }
      const last = answer.Records.at(-1);
      // An iterator that found nothing is kept. The next one of kinesalite begins at its clock, and would skip the
      // first record of the stream if it was written in the meantime.
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
