// The way back: what one answer can't hold goes into the stream again.
import { endpointOverride } from '@sluice/aws-clients/environment';
import {
  maxRecordBytes,
  putAllRecords,
  type OutgoingRecord,
  type PutRecords,
  type RefusedRecord,
} from '@sluice/aws-clients/put-all-records';
import { openRecord, sealRecordWithin, type RecordOrigin } from '@sluice/record-flattening';

/** Puts surplus records into the stream that they came from, and returns those that it did not take. Never rejects. */
export type PutBack = (records: readonly OutgoingRecord[]) => Promise<readonly RefusedRecord[]>;

/** A record that was put back this often and still finds no room is failed: the end of every loop. */
export const maxPutBacks = 5;

/** Six attempts within some two seconds, because the invocation and its 60 seconds wait for them. */
const limits = { maxAttempts: 6, firstWaitMs: 50, longestWaitMs: 2_000 } as const;

export interface PutBackOptions {
  readonly streamName: string;
  /** @default the SDK's, loaded when it is first needed */
  readonly putRecords?: PutRecords;
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Returns how surplus records go back into a stream. A call that throws counts as a refusal of each record that it carried. */
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
 * Returns a surplus record as it goes into the stream: its original bytes in an envelope that keeps its first origin; gzip'd
 * where the envelope would make it too large. Undefined where even that does not fit.
 */
export function putBackRecord(
  original: Uint8Array,
  origin: RecordOrigin,
  attempt: number,
  partitionKey: string,
): OutgoingRecord | undefined {
  const { bytes, envelope } = openRecord(original);
  const data = sealRecordWithin(maxRecordBytes - Buffer.byteLength(partitionKey), bytes, {
    origin,
    attempt,
    holds: envelope?.holds ?? 'record',
  });
  return data && { data, partitionKey };
}

/**
 * Loads the SDK with the first surplus record: an invocation without surplus never pays for it, and it stays out of the
 * bundle, because Lambda's runtime brings it. An emulator's `http:` endpoint is spoken to in HTTP/1.1; the SDK's default for
 * Kinesis is HTTP/2.
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
