import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import type { ObjectStore } from '@sluice/lake-layout';
import type { Endpoints } from './endpoints';

// Loaded only for lakes that are reached through S3: the SDK takes longer to load than all else.

/** Longest duration of a request in milliseconds. It may transfer a whole table over a slow connection. */
const requestTimeoutMs = 15 * 60_000;

/** Returns the store of a bucket, reached by the SDK's own environment. */
export const bucketStore = (bucket: string): ObjectStore =>
  s3ObjectStore({ client: s3Client({ requestTimeoutMs }), bucket });

/** Returns the store of a running local stack's S3. */
export const localStackStore = ({
  s3,
  region,
  bucket,
  accessKeyId,
  secretAccessKey,
}: Pick<Endpoints, 's3' | 'region' | 'bucket' | 'accessKeyId' | 'secretAccessKey'>): ObjectStore =>
  s3ObjectStore({
    client: s3Client({
      endpoint: s3,
      region,
      credentials: { accessKeyId, secretAccessKey },
      requestTimeoutMs,
    }),
    bucket,
  });
