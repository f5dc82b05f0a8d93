import { headBucket, listBuckets, listObjectsV2 } from './bucket-operations';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  uploadPart,
  uploadPartCopy,
} from './multipart-operations';
import {
  copyObject,
  deleteObject,
  deleteObjects,
  getObject,
  headObject,
  putObject,
} from './object-operations';
import type { Handle } from './operation';
import { S3Error } from './s3-error';
import type { S3Request } from './s3-request';

/** Name of an operation in the S3 API. */
export type OperationName = keyof typeof handles;

export const handles = {
  ListBuckets: listBuckets,
  HeadBucket: headBucket,
  ListObjectsV2: listObjectsV2,
  GetObject: getObject,
  HeadObject: headObject,
  PutObject: putObject,
  CopyObject: copyObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
  ListMultipartUploads: listMultipartUploads,
} satisfies Record<string, Handle>;

/** Query parameters that select another operation than the method alone would. */
const subresources = new Set(
  (
    'accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold ' +
    'lifecycle list-type location logging metrics notification object-lock ownershipControls policy policyStatus ' +
    'publicAccessBlock replication requestPayment restore retention select tagging torrent uploadId ' +
    'uploads versioning versions website'
  ).split(' '),
);

const operations: Readonly<Record<string, OperationName>> = {
  'GET service': 'ListBuckets',
  'HEAD bucket': 'HeadBucket',
  'GET bucket uploads': 'ListMultipartUploads',
  'GET bucket list-type': 'ListObjectsV2',
  'POST bucket delete': 'DeleteObjects',
  'GET object': 'GetObject',
  'HEAD object': 'HeadObject',
  'PUT object': 'PutObject',
  'DELETE object': 'DeleteObject',
  'POST object uploads': 'CreateMultipartUpload',
  'PUT object uploadId': 'UploadPart',
  'POST object uploadId': 'CompleteMultipartUpload',
  'DELETE object uploadId': 'AbortMultipartUpload',
};

/** Returns the operation of a request. @throws {@link S3Error} NotImplemented, naming what was requested */
export function route({ method, bucket, key, query, headers }: S3Request): OperationName {
  const target = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object';
  const asked = [...query.keys()].filter(
    (name) => subresources.has(name) || name.startsWith('response-'),
  );
  const operation = operations[[method, target, ...asked].join(' ')];
  if (operation === undefined || (query.get('versionId') ?? 'null') !== 'null')
    throw new S3Error(
      501,
      'NotImplemented',
      `This endpoint does not offer ${[method, target, ...asked].join(' ')}.`,
    );
  if (headers['x-amz-copy-source'] !== undefined) {
    if (operation === 'PutObject') return 'CopyObject';
    if (operation === 'UploadPart') return 'UploadPartCopy';
  }
  return operation;
}
