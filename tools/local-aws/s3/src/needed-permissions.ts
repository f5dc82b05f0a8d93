import type { NeededPermission } from '@sluice/local-http';
import { copySource } from './object-operations';
import type { OperationName } from './route';
import { header, s3Arn, type S3Request } from './s3-request';

/** Returns the permission to list a bucket, without which S3 does not tell what is missing from it. */
export const listing = (bucket: string): NeededPermission => ({
  action: 's3:ListBucket',
  resource: s3Arn(bucket),
});

/**
 * Returns everything that the caller of an operation must be allowed, except what the keys in the body of DeleteObjects
 * require. Source: S3 user guide, "Required permissions for Amazon S3 API operations".
 */
export function neededPermissions(
  operation: OperationName,
  request: S3Request,
): readonly NeededPermission[] {
  const { bucket = '', key } = request;
  const onObject = (action: string): NeededPermission => ({ action, resource: s3Arn(bucket, key) });
  switch (operation) {
    case 'ListBuckets':
      return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
    case 'HeadBucket':
    case 'ListObjectsV2':
      return [listing(bucket)];
    case 'ListMultipartUploads':
      return [{ action: 's3:ListBucketMultipartUploads', resource: s3Arn(bucket) }];
    case 'GetObject':
    case 'HeadObject':
      return [onObject('s3:GetObject')];
    case 'PutObject':
    case 'CreateMultipartUpload':
    case 'UploadPart':
    case 'CompleteMultipartUpload':
      return [onObject('s3:PutObject'), ...ofCondition(request)];
    case 'CopyObject':
    case 'UploadPartCopy': {
      const source = copySource(request);
      const resource = s3Arn(source.bucket, source.key);
      return [{ action: 's3:GetObject', resource }, onObject('s3:PutObject')];
    }
    case 'DeleteObject':
      return [onObject('s3:DeleteObject'), ...ofCondition(request)];
    case 'AbortMultipartUpload':
      return [onObject('s3:AbortMultipartUpload')];
    case 'DeleteObjects':
      return [];
  }
}

/**
 * Returns the permissions that a condition on an object's ETag requires in addition, because the answer reveals
 * something about the object. Source: S3 user guide, "Enforce conditional deletes on Amazon S3 buckets"; writes are
 * taken to need the same.
 */
function ofCondition({ headers, bucket = '', key }: S3Request): readonly NeededPermission[] {
  const etag = header(headers, 'if-match');
  return etag === undefined || etag === '*'
    ? []
    : [{ action: 's3:GetObject', resource: s3Arn(bucket, key) }];
}
