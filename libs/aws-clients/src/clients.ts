import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { endpointOverride, identity, requestHandler, type ClientOptions } from './client-options';

/**
 * An S3 client for ranged reads and conditional writes. Checksums go with every write; those of answers are
 * not computed anew, since a part of an object can't be checked against the checksum of the whole.
 */
export function s3Client({
  environment = process.env,
  endpoint = endpointOverride('S3', environment),
  maxAttempts = 4,
  maxSockets = 128,
  requestTimeoutMs = 30_000,
  ...who
}: ClientOptions = {}): S3Client {
  return new S3Client({
    ...identity(who),
    maxAttempts,
    requestHandler: requestHandler({ maxSockets, requestTimeoutMs }),
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  });
}

/** A Kinesis client. A stand-in reached by plain HTTP is spoken to in HTTP/1.1; AWS itself in HTTP/2. */
export function kinesisClient({
  environment = process.env,
  endpoint = endpointOverride('KINESIS', environment),
  maxAttempts = 4,
  maxSockets = 64,
  requestTimeoutMs = 30_000,
  ...who
}: ClientOptions = {}): KinesisClient {
  return new KinesisClient({
    ...identity(who),
    maxAttempts,
    ...(endpoint !== undefined && { endpoint }),
    ...(endpoint?.startsWith('http:') === true && {
      requestHandler: requestHandler({ maxSockets, requestTimeoutMs }),
    }),
  });
}
