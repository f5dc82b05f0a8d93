// Stores the originals of failed records that must not be stored in clear.
import { endpointOverride } from '@sluice/aws-clients/environment';
import { lakeDate, sealedErrorsKey } from '@sluice/lake-layout/keys';
import type { HashKeys } from '@sluice/privacy';
import { sealFailedRecord, type RecordOrigin } from '@sluice/record-flattening';
import { createHash } from 'node:crypto';
import type { RecordFault } from './transform-record';

/** A failed record with the reason, which contains none of the record's values. */
export interface FailedOriginal {
  readonly recordId: string;
  readonly origin: RecordOrigin;
  /** The original record, in base64. */
  readonly data: string;
  readonly fault: RecordFault;
}

/** Stores failed records encrypted. @throws where they could not be stored */
export type KeepFailed = (records: readonly FailedOriginal[]) => Promise<void>;

/** Writes an object of the lake's bucket. */
export type PutObject = (key: string, bytes: Uint8Array) => Promise<unknown>;

/**
 * Returns a function that stores failed records as lines like those of Firehose's error output, with the original
 * encrypted. Firehose itself would store the original in clear, whatever the function answers (developer guide:
 * data-transformation-failure-handling).
 */
export const keepFailedSealed =
  ({
    table,
    keys,
    put,
    now = Date.now,
  }: {
    readonly table: string;
    readonly keys: HashKeys;
    readonly put: PutObject;
    readonly now?: () => number;
  }): KeepFailed =>
  async (records) => {
    const [first] = records;
    if (!first) return;
    const lines = records.map(({ origin, data, fault }) => {
      const bytes = Buffer.from(data, 'base64');
      return `${JSON.stringify(sealFailedRecord({ origin, bytes, fault, nowMs: now() }, table, keys))}\n`;
    });
    // A batch that Firehose sends again has the same records, and so becomes the same object.
    const unique = createHash('sha256')
      .update(records.map(({ origin }) => `${origin.shardId}:${origin.sequenceNumber}`).join())
      .digest('hex')
      .slice(0, 32);
    const key = sealedErrorsKey(table, lakeDate(first.origin.arrivalMs), {
      unique,
      records: records.length,
    });
    await put(key, new TextEncoder().encode(lines.join('')));
  };

/** Returns a function that writes objects to a bucket and loads the SDK with the first one; see `lazyPutRecords`. */
export function lazyPutObject(bucket: string, environment = process.env): PutObject {
  const load = async (): Promise<PutObject> => {
    const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    const endpoint = endpointOverride('S3', environment);
    const client = new S3Client({
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    });
    return (key, bytes) =>
      client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: bytes,
          ContentType: 'application/x-ndjson',
        }),
      );
  };
  let loaded: Promise<PutObject> | undefined;
  return async (key, bytes) => (await (loaded ??= load()))(key, bytes);
}
