// Puts records whose rows don't fit into an answer back into the stream.
import { endpointOverride } from '@sluice/aws-clients/environment';
import {
  maxRecordBytes,
  putAllRecords,
  type OutgoingRecord,
  type PutRecords,
  type RefusedRecord,
} from '@sluice/aws-clients/put-all-records';
import { openRecord, sealRecordWithin, type RecordOrigin } from '@sluice/record-flattening';

/**
 * Puts surplus records into the stream from which they came, and returns those that the stream refused. Never
 * rejects.
 */
export type PutBack = (records: readonly OutgoingRecord[]) => Promise<readonly RefusedRecord[]>;

/** Number of times that a record is put back before it fails, which prevents endless loops. */
export const maxPutBacks = 5;

/**
 * Limits of the attempts: six within some two seconds, because the invocation, which has 60 seconds, waits for them.
 */
const limits = { maxAttempts: 6, firstWaitMs: 50, longestWaitMs: 2_000 } as const;

export interface PutBackOptions {
  readonly streamName: string;
  /** Puts a batch of records. @default the SDK's call, loaded when it is first needed */
  readonly putRecords?: PutRecords;
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * Returns a function that puts surplus records back into a stream. A call that throws counts as a refusal of all
 * records in it.
 */
export const putBackInto =
  ({ streamName, putRecords = lazyPutRecords(), ...options }: PutBackOptions): PutBack =>
  async (records) => {
    const { refused } = await putAllRecords({
      putRecords: (input, call) =>
        putRecords(input, call).catch((error: unknown) => ({
          Records: (input.Records ?? []).map(() => ({ ErrorCode: (error as Error).name })),
        })),
      streamName,
      records,
      ...limits,
      ...options,
    });
    return refused;
  };

/**
 * Returns a surplus record in the form in which it is put into the stream: its original bytes in an envelope with its
 * first origin, compressed where the envelope would otherwise be too large. Undefined where even that does not fit.
 */
export function putBackRecord(
  original: Uint8Array,
  origin: RecordOrigin,
  attempt: number,
  partitionKey: string,
): OutgoingRecord | undefined {
  const { bytes, envelope, trace } = openRecord(original);
  const data = sealRecordWithin(maxRecordBytes - Buffer.byteLength(partitionKey), bytes, {
    origin,
    attempt,
    holds: envelope?.holds ?? 'record',
    trace,
  });
  return data && { data, partitionKey };
}

/**
 * Returns a function that puts batches and loads the SDK with the first surplus record, so that an invocation without
 * surplus never pays for it. The SDK is not bundled, because Lambda's runtime brings it. An emulator's `http:`
 * endpoint is used with HTTP/1.1; the SDK's default for Kinesis is HTTP/2.
 */
export function lazyPutRecords(environment = process.env): PutRecords {
  const load = async (): Promise<PutRecords> => {
    const { KinesisClient, PutRecordsCommand } = await import('@aws-sdk/client-kinesis');
    const endpoint = endpointOverride('KINESIS', environment);
    const isPlainHttp = endpoint?.startsWith('http:') === true;
    const { NodeHttpHandler } = isPlainHttp
      ? await import('@smithy/node-http-handler')
      : { NodeHttpHandler: undefined };
    const client = new KinesisClient({
      ...(endpoint !== undefined && { endpoint }),
      ...(NodeHttpHandler && { requestHandler: new NodeHttpHandler() }),
    });
    return (input, options) => client.send(new PutRecordsCommand(input), options);
  };
  let loaded: Promise<PutRecords> | undefined;
  return async (input, options) => (await (loaded ??= load()))(input, options);
}
