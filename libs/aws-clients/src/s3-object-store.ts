import { createHash } from 'node:crypto';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type GetObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  DamagedObjectError,
  ObjectNotFoundError,
  ObjectsNotDeletedError,
  PreconditionFailedError,
  RangeNotSatisfiableError,
  type GetOptions,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type StoredObject,
  type UndeletedObject,
} from '@sluice/lake-layout';

/** S3's limit on one DeleteObjects. */
const maxDeletes = 1000;

/**
 * Returns the lake's object store over one S3 bucket. The client retries network faults.
 *
 * A `put` that was retried may fail its condition because its own first attempt succeeded and only the answer was
 * lost: after a {@link PreconditionFailedError}, read the object to see whether it is yours.
 */
export function s3ObjectStore({
  client,
  bucket,
}: {
  readonly client: S3Client;
  readonly bucket: string;
}): ObjectStore {
  return {
    async *list(prefix: string, { startAfter, signal }: ListOptions = {}) {
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            ...(token === undefined ? { StartAfter: startAfter } : { ContinuationToken: token }),
          }),
          abortable(signal),
        );
        for (const { Key, Size = 0, ETag = '', LastModified } of page.Contents ?? [])
          if (Key !== undefined)
            yield {
              key: Key,
              bytes: Size,
              etag: ETag,
              modifiedMs: LastModified?.getTime() ?? 0,
            } satisfies ObjectInfo;
        token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
    },

    async get(key: string, { range, ifMatch, signal }: GetOptions = {}): Promise<StoredObject> {
      try {
        const answer = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: key,
            IfMatch: ifMatch,
            ...(range && { Range: rangeHeader(range) }),
          }),
          abortable(signal),
        );
        const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        if (!range) checkMd5(key, bytes, answer);
        return {
          bytes,
          etag: answer.ETag ?? '',
          totalBytes: totalBytes(answer.ContentRange, bytes),
        };
      } catch (error) {
        throw translated(error, key);
      }
    },

    async put(key: string, bytes: Uint8Array, options: PutOptions = {}) {
      const { ifMatch, ifNoneMatch, contentType } = options;
      try {
        const { ETag = '' } = await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: bytes,
            ContentType: contentType,
            IfMatch: ifMatch,
            IfNoneMatch: ifNoneMatch,
          }),
        );
        return { etag: ETag };
      } catch (error) {
        // S3 answers NoSuchKey where the object that If-Match names is gone.
        if (ifMatch !== undefined && codeOf(error) === 'NoSuchKey')
          throw new PreconditionFailedError(key, { cause: error });
        throw translated(error, key);
      }
    },

    async delete(keys: readonly string[]): Promise<void> {
      const failed: UndeletedObject[] = [];
      for (let start = 0; start < keys.length; start += maxDeletes) {
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({
            Bucket: bucket,
            Delete: {
              Objects: keys.slice(start, start + maxDeletes).map((Key) => ({ Key })),
              Quiet: true,
            },
          }),
        );
        failed.push(
          ...Errors.map(({ Key = '', Code = '', Message = '' }) => ({
            key: Key,
            code: Code,
            message: Message,
          })),
        );
      }
      if (failed.length > 0) throw new ObjectsNotDeletedError(failed);
    },
  };
}

const abortable = (signal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
  signal ? { abortSignal: signal } : {};

/** Writes the header `Range`, whose ends are both inclusive. */
const rangeHeader = (range: NonNullable<GetOptions['range']>): string =>
  'last' in range ? `bytes=-${range.last}` : `bytes=${range.start}-${range.end - 1}`;

/** Reads the size of the whole object from `bytes 0-9/1234`; without a range the body is the whole object. */
const totalBytes = (contentRange: string | undefined, body: Uint8Array): number => {
  const total = /\/(\d+)$/.exec(contentRange ?? '')?.[1];
  return total === undefined ? body.length : Number(total);
};

/**
 * Compares a whole object with its ETag, which is its MD5 unless it was written in parts or is encrypted with a key
 * of KMS or of the customer (S3 API reference, Object: ETag).
 */
function checkMd5(
  key: string,
  bytes: Uint8Array,
  { ETag, ServerSideEncryption, SSECustomerAlgorithm }: GetObjectCommandOutput,
): void {
  const isMd5 =
    (ServerSideEncryption === undefined || ServerSideEncryption === 'AES256') &&
    SSECustomerAlgorithm === undefined;
  const expected = /^"([0-9a-f]{32})"$/.exec(ETag ?? '')?.[1];
  if (!isMd5 || expected === undefined) return;
  const found = createHash('md5').update(bytes).digest('hex');
  if (found !== expected)
    throw new DamagedObjectError(
      key,
      `its bytes have the MD5 ${found}, and its ETag is ${expected}`,
    );
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error ? error.name : undefined;

/**
 * Error codes of a lost conditional write. A conflict means that another conditional write of the same key was under
 * way.
 */
const lostConditions = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);

function translated(error: unknown, key: string): unknown {
  const code = codeOf(error) ?? '';
  if (code === 'NoSuchKey') return new ObjectNotFoundError(key, { cause: error });
  if (code === 'InvalidRange') return new RangeNotSatisfiableError(key, { cause: error });
  if (lostConditions.has(code)) return new PreconditionFailedError(key, { cause: error });
  return error;
}
