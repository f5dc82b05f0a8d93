// A separate entry point (@sluice/aws-clients/noncurrent-versions): deletes old versions for good.
import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ObjectsNotDeletedError, type NoncurrentVersions } from '@sluice/lake-layout';

/**
 * Returns the noncurrent versions of one S3 bucket. A bucket without versioning has none, nor has an endpoint that
 * does not support versions.
 */
export const s3NoncurrentVersions = ({
  client,
  bucket,
}: {
  readonly client: S3Client;
  readonly bucket: string;
}): NoncurrentVersions => ({
  async delete(prefix) {
    let deleted = 0;
    let from: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } | undefined = {};
    while (from) {
      let page: ListObjectVersionsCommandOutput;
      try {
        page = await client.send(
          new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...from }),
        );
      } catch (error) {
        if (error instanceof Error && error.name === 'NotImplemented') return 0;
        throw error;
      }
      // A current delete marker stays: without it, the previous version would reappear.
      const old = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].filter(
        ({ IsLatest }) => IsLatest === false,
      );
      if (old.length > 0) {
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({
            Bucket: bucket,
            Delete: { Objects: old.map(({ Key, VersionId }) => ({ Key, VersionId })), Quiet: true },
          }),
        );
        if (Errors.length > 0)
          throw new ObjectsNotDeletedError(
            Errors.map(({ Key: key = '', Code: code = '', Message: message = '' }) => ({
              ...{ key, code, message },
            })),
          );
      }
      deleted += old.length;
      from = page.IsTruncated
        ? {
            ...(page.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
            ...(page.NextVersionIdMarker !== undefined && {
              VersionIdMarker: page.NextVersionIdMarker,
            }),
          }
        : undefined;
    }
    return deleted;
  },
});
