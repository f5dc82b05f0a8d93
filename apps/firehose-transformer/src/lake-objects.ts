// Reads and writes the few objects of the lake that the function needs, by an SDK that is loaded with the first one.
import { endpointOverride } from '@sluice/aws-clients/environment';
import { ObjectNotFoundError, type ObjectStore } from '@sluice/lake-layout';

/** Writes an object of the lake's bucket. */
export type PutObject = (key: string, bytes: Uint8Array) => Promise<unknown>;

export interface LakeObjects extends Pick<ObjectStore, 'get'> {
  readonly put: PutObject;
}

/** Returns the objects of a bucket. The SDK is loaded with the first request; see `lazyPutRecords`. */
export function lazyLakeObjects(bucket: string, environment = process.env): LakeObjects {
  const load = async () => {
    const { GetObjectCommand, PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    const endpoint = endpointOverride('S3', environment);
    const client = new S3Client({
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    });
    return {
      get: (key: string, abortSignal?: AbortSignal) =>
        client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key }),
          abortSignal ? { abortSignal } : {},
        ),
      put: (key: string, bytes: Uint8Array) =>
        client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: bytes,
            ContentType: 'application/x-ndjson',
          }),
        ),
    };
  };
  let loaded: ReturnType<typeof load> | undefined;
  const objects = () => (loaded ??= load());
  return {
    async get(key, { signal } = {}) {
      try {
        const { Body, ETag = '' } = await (await objects()).get(key, signal);
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
        return { bytes, etag: ETag, totalBytes: bytes.length };
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey')
          throw new ObjectNotFoundError(key, { cause: error });
        throw error;
      }
    },
    put: async (key, bytes) => (await objects()).put(key, bytes),
  };
}
