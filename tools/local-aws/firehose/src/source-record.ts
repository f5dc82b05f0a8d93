/** A record as a shard stores it. */
export interface ShardRecord {
  readonly sequenceNumber: string;
  /** Position within the record of a producer library; undefined where the record was put alone. */
  readonly subSequenceNumber?: number;
  readonly partitionKey: string;
  readonly arrivalMs: number;
  /** Data in base64, as Kinesis returns it and as the function receives it. */
  readonly data: string;
}

/** A record that a delivery stream is processing. */
export interface SourceRecord extends ShardRecord {
  /** Id that is unique in the delivery stream and the same for every attempt. */
  readonly recordId: string;
  readonly shardId: string;
}

/** Reads one shard in order, continuing after the record where it stopped. */
export interface ShardReader {
  readonly shardId: string;
  /** Returns the next records; none where the reader is at the tip. May reject; the next call tries again. */
  next(): Promise<readonly ShardRecord[]>;
}

/** Returns the size of a record's data, decoded, in bytes. */
export const dataBytes = ({ data }: ShardRecord): number => Math.floor((data.length * 3) / 4);
