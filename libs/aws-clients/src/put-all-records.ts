import { PutRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { setTimeout as delay } from 'node:timers/promises';

export interface OutgoingRecord {
  readonly data: Uint8Array;
  /** 1 to 256 characters. */
  readonly partitionKey: string;
}

/** A record that the stream did not take. */
export interface RefusedRecord {
  /** Place among the records given. */
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

export interface PutAllResult {
  readonly accepted: number;
  /** By ascending index. */
  readonly refused: readonly RefusedRecord[];
  /** PutRecords calls made. */
  readonly calls: number;
}

export interface PutAllOptions {
  readonly client: Pick<KinesisClient, 'send'>;
  readonly streamName: string;
  readonly records: readonly OutgoingRecord[];
  /** Times that one record is tried. */
  readonly maxAttempts?: number;
  readonly signal?: AbortSignal;
  /** Of the first wait, on average; each further one is twice as long. */
  readonly backOffMs?: number;
  readonly random?: () => number;
}

// Source: Kinesis Data Streams API reference, PutRecords. The older, smaller limit on a request (5 MiB)
// holds everywhere; data and partition keys count.
const maxBatchRecords = 500;
const maxBatchBytes = 5 << 20;
const maxRecordBytes = 1 << 20;

const maxBackOffMs = 5_000;

interface Pending {
  readonly index: number;
  readonly record: OutgoingRecord;
  readonly bytes: number;
}

/**
 * Puts records into a stream in as few calls as its limits allow, and tries again those that it refused:
 * PutRecords answers 200 even where it took none. Within a partition key the order may change by that.
 *
 * @throws what the client throws where a whole call fails for good; records of calls before it are in the stream
 */
export async function putAllRecords({
  client,
  streamName,
  records,
  maxAttempts = 8,
  signal,
  backOffMs = 100,
  random = Math.random,
}: PutAllOptions): Promise<PutAllResult> {
  const refused = new Map<number, RefusedRecord>();
  let pending: Pending[] = [];
  records.forEach((record, index) => {
    const bytes = record.data.length + Buffer.byteLength(record.partitionKey);
    if (bytes > maxRecordBytes)
      refused.set(index, {
        index,
        code: 'RecordTooLarge',
        message: `the record and its partition key have ${bytes} bytes, more than ${maxRecordBytes}`,
      });
    else pending.push({ index, record, bytes });
  });

  let calls = 0;
  for (let attempt = 1; pending.length > 0 && attempt <= maxAttempts; attempt++) {
    if (attempt > 1) {
      const waitMs = Math.min(maxBackOffMs, backOffMs * 2 ** (attempt - 1)) * random();
      await delay(waitMs, undefined, signal ? { signal } : {});
    }
    const again: Pending[] = [];
    for (const batch of batches(pending)) {
      calls++;
      const { Records: results = [] } = await client.send(
        new PutRecordsCommand({
          StreamName: streamName,
          Records: batch.map(({ record }) => ({
            Data: record.data,
            PartitionKey: record.partitionKey,
          })),
        }),
        signal ? { abortSignal: signal } : {},
      );
      batch.forEach((item, place) => {
        const { ErrorCode: code, ErrorMessage: message = '' } = results[place] ?? {
          ErrorCode: 'NoResult',
        };
        if (code === undefined) refused.delete(item.index);
        else {
          refused.set(item.index, { index: item.index, code, message });
          again.push(item);
        }
      });
    }
    pending = again;
  }
  return {
    accepted: records.length - refused.size,
    refused: [...refused.values()].sort((a, b) => a.index - b.index),
    calls,
  };
}

function* batches(pending: readonly Pending[]): Generator<readonly Pending[]> {
  let batch: Pending[] = [];
  let bytes = 0;
  for (const item of pending) {
    if (batch.length === maxBatchRecords || bytes + item.bytes > maxBatchBytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += item.bytes;
  }
  if (batch.length > 0) yield batch;
}
