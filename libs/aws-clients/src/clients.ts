import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { clientConfig, type ClientOptions } from './client-options';
import type { PutRecords } from './put-all-records';

/**
 * Makes an S3 client for ranged reads and conditional writes. Every write carries a checksum. The checksums of
 * answers are not computed again, because a part of an object can't be checked against the checksum of the whole.
 *
 * @example
 * import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
 * const store = s3ObjectStore({ client: s3Client(), bucket: 'my-lake' });
 */
export function s3Client(options: ClientOptions = {}): S3Client {
  const config = clientConfig('S3', { maxSockets: 128, requestTimeoutMs: 30_000 }, options);
  return new S3Client({
    ...config,
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...('endpoint' in config && { forcePathStyle: true }),
  });
}

/** Makes a Kinesis client, which speaks HTTP/1.1 to an emulator's `http:` endpoint and HTTP/2 to AWS itself. */
export function kinesisClient(options: ClientOptions = {}): KinesisClient {
  const defaults = { maxSockets: 64, requestTimeoutMs: 30_000 };
  const { requestHandler, ...config } = clientConfig('KINESIS', defaults, options);
  return new KinesisClient({
    ...config,
    ...(config.endpoint?.startsWith('http:') === true && { requestHandler }),
  });
}

/** Returns the function by which {@link putAllRecords} puts one batch with a client. */
export const putRecordsWith =
  (client: Pick<KinesisClient, 'send'>): PutRecords =>
  (input, options) =>
    client.send(new PutRecordsCommand(input), options);
