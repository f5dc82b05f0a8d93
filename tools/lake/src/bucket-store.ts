import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import type { ObjectStore } from '@sluice/lake-layout';
import type { Endpoints } from './endpoints';

// Loaded only for lakes that are reached through S3: the SDK takes longer to load than all else.

/** Bounds a request, which may carry a whole table over whatever line a person has. */
const requestTimeoutMs = 15 * 60_000;

/** Reaches a bucket by the SDK's own environment. */
export const bucketStore = (bucket: string): ObjectStore =>
  s3ObjectStore({ client: s3Client({ requestTimeoutMs }), bucket });

/** Reaches the S3 of a local stack that runs. */
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
