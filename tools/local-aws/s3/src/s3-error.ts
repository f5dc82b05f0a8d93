import { element, xmlDocument } from './xml';

/** Refusal by S3, with its code, status and message. Source: the S3 API reference, "Error responses". */
export class S3Error extends Error {
  override readonly name = 'S3Error';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Further elements of the answer's body, and headers that accompany it. */
    readonly extra: {
      readonly elements?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
  }
}

export const errorDocument = (error: S3Error, resource: string, requestId: string): string =>
  xmlDocument(
    element('Error', [
      element('Code', error.code),
      element('Message', error.message),
      ...Object.entries(error.extra.elements ?? {}).map(([name, text]) => element(name, text)),
      element('Resource', resource),
      element('RequestId', requestId),
    ]),
  );

export const noSuchKey = (key: string): S3Error =>
  new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', { elements: { Key: key } });

export const noSuchBucket = (bucket: string): S3Error =>
  new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist.', {
    elements: { BucketName: bucket },
  });

export const noSuchUpload = (uploadId: string): S3Error =>
  new S3Error(404, 'NoSuchUpload', 'The specified multipart upload does not exist.', {
    elements: { UploadId: uploadId },
  });

export const accessDenied = (message: string): S3Error => new S3Error(403, 'AccessDenied', message);

export const preconditionFailed = (condition: string): S3Error =>
  new S3Error(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold.',
    { elements: { Condition: condition } },
  );

export const invalidArgument = (message: string): S3Error =>
  new S3Error(400, 'InvalidArgument', message);

export const badDigest = (header: string): S3Error =>
  new S3Error(
    400,
    'BadDigest',
    `The ${header} you specified did not match the calculated checksum.`,
  );
