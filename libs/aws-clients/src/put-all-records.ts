// The one writer to Kinesis. It holds no client, so that a function may load the SDK when it first needs it; for that it is a
// separate entry point as well (@sluice/aws-clients/put-all-records).
import type { PutRecordsCommandInput, PutRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import { backoffDelayMs } from '@sluice/waiting';
import { setTimeout as delay } from 'node:timers/promises';

export interface OutgoingRecord {
  readonly data: Uint8Array;
  /** 1 to 256 characters. */
  readonly partitionKey: string;
}

/** A record that the stream did not take, and why. */
export interface RefusedRecord {
  /** Position among the records given, from 0. */
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

export interface PutAllResult {
  readonly accepted: number;
  /** Ordered by index. */
  readonly refused: readonly RefusedRecord[];
  /** Number of PutRecords calls. */
  readonly calls: number;
}

/** Puts one batch, as `PutRecords` of the Kinesis API does. */
export type PutRecords = (
  input: PutRecordsCommandInput,
  options: { readonly abortSignal?: AbortSignal },
) => Promise<Pick<PutRecordsCommandOutput, 'Records'>>;

export interface PutAllOptions {
  /** Puts one batch, such as `putRecordsWith(client)`. */
  readonly putRecords: PutRecords;
  readonly streamName: string;
  readonly records: readonly OutgoingRecord[];
  /** Attempts for one record, the first included. @default 8 */
  readonly maxAttempts?: number;
  /**
   * Upper bound of the wait before the second attempt, in milliseconds; it doubles with each further one.
   *
   * @default 200
   */
  readonly firstWaitMs?: number;
  /** Upper bound of the wait before any attempt, in milliseconds. @default 5,000 */
  readonly longestWaitMs?: number;
  /** Ends the waiting and the call that is under way. */
  readonly signal?: AbortSignal | undefined;
  /** Returns a number from 0 (inclusive) to 1 (exclusive). @default Math.random */
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

// Quotas of one call and of one record; partition keys count (Kinesis API reference, PutRecords). The older, smaller limit on
// a call (5 MiB) holds everywhere.
const maxBatchRecords = 500;
const maxBatchBytes = 5 * 1024 * 1024;
/** Bytes of one record with its partition key, at most. */
export const maxRecordBytes = 1024 * 1024;

/** A record that is still to be put. */
interface Pending {
  readonly index: number;
  readonly record: OutgoingRecord;
  readonly bytes: number;
}

/**
 * Puts records into a stream in as few calls as its quotas allow, and tries again those that it refused, because
 * PutRecords answers 200 even when it took none. Each wait is random, up to a bound that doubles. Retries may change
 * the order of records, even within one partition key.
 *
 * @example
 * import { kinesisClient, putAllRecords, putRecordsWith } from '@sluice/aws-clients';
 * const { refused } = await putAllRecords({
 *   putRecords: putRecordsWith(kinesisClient()),
 *   streamName: 'orders',
 *   records: [{ partitionKey: 'order-17', data: new TextEncoder().encode('{"id":"order-17"}') }],
 * });
 *
 * @throws what `putRecords` throws; the records of earlier calls are in the stream by then
 */
export async function putAllRecords({
  putRecords,
  streamName,
  records,
  maxAttempts = 8,
  firstWaitMs = 200,
  longestWaitMs = 5_000,
  signal,
  random = Math.random,
  sleep = (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
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

  const bounds = { firstDelayMs: firstWaitMs, maxDelayMs: longestWaitMs };
  let calls = 0;
  for (let attempt = 1; pending.length > 0 && attempt <= maxAttempts; attempt++) {
    if (attempt > 1) await sleep(backoffDelayMs(attempt - 1, bounds, random()), signal);
    const again: Pending[] = [];
    for (const batch of batches(pending)) {
      calls++;
      const { Records: results = [] } = await putRecords(
        {
          StreamName: streamName,
          Records: batch.map(({ record }) => ({
            Data: record.data,
            PartitionKey: record.partitionKey,
          })),
        },
        signal ? { abortSignal: signal } : {},
      );
      batch.forEach((item, position) => {
        const {
          SequenceNumber,
          ErrorCode = 'NoResult',
          ErrorMessage = '',
        } = results[position] ?? {};
        if (SequenceNumber) refused.delete(item.index);
        else {
          refused.set(item.index, { index: item.index, code: ErrorCode, message: ErrorMessage });
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

/** Splits records into batches that one call may carry, in order. */
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
