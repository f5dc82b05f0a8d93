/** A record as a shard holds it. */
export interface ShardRecord {
  readonly sequenceNumber: string;
  /** Its place in the record that a producer library put it into; undefined where it came alone. */
  readonly subSequenceNumber?: number;
  readonly partitionKey: string;
  readonly arrivalMs: number;
  /** Base64, as Kinesis gave it and as the function gets it. */
  readonly data: string;
}

/** A record on its way through a delivery stream. */
export interface SourceRecord extends ShardRecord {
  /** Unique in its delivery stream, the same for every attempt. */
  readonly recordId: string;
  readonly shardId: string;
}

/** Reads one shard in order, from just after where it stopped. */
export interface ShardReader {
  readonly shardId: string;
  /** The next records; none where the reader is at the tip. May reject; the next call tries again. */
  next(): Promise<readonly ShardRecord[]>;
}

/** Returns the size of the data itself, in bytes. */
export const dataBytes = ({ data }: ShardRecord): number => Math.floor((data.length * 3) / 4);
