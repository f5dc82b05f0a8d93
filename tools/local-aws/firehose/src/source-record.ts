/** A record of the source stream. */
export interface SourceRecord {
  /** Unique in its delivery stream, the same for every attempt. */
  readonly recordId: string;
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** Its place in the record that a producer library put it into; undefined where it came alone. */
  readonly subSequenceNumber?: number;
  readonly partitionKey: string;
  readonly arrivalMs: number;
  /** Base64, as Kinesis gave it and as the function gets it. */
  readonly data: string;
}

/** Size of the data itself, in bytes. */
export const dataBytes = ({ data }: SourceRecord): number => Math.floor((data.length * 3) / 4);
