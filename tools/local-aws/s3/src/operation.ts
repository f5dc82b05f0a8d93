import type { ServerResponse } from 'node:http';
import type { NeededPermission } from '@sluice/local-http';
import type { MultipartUploads } from './multipart-uploads';
import type { ObjectFiles, ObjectMetadata } from './object-files';
import { S3Error } from './s3-error';
import type { S3Request } from './s3-request';

/** An object that was written. */
export interface CreatedObject extends Pick<ObjectMetadata, 'bytes' | 'etag'> {
  readonly bucket: string;
  readonly key: string;
  /** The operation that wrote the object, as S3's events name it. */
  readonly reason: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';
}

/** The parts of the endpoint that operations use. */
export interface Endpoint {
  readonly files: ObjectFiles;
  readonly uploads: MultipartUploads;
  readonly region: string;
  readonly now: () => number;
  /** Called with the number of body bytes received, as they arrive. */
  readonly received: (bytes: number) => void;
  readonly created: (object: CreatedObject) => void;
  /** Checks whether the caller may do this too. @throws {@link S3Error} AccessDenied */
  readonly permit: (needed: NeededPermission) => void;
}

export type Handle = (
  endpoint: Endpoint,
  request: S3Request,
  response: ServerResponse,
) => Promise<void>;

/** Returns the bucket of a request. @throws {@link S3Error} InvalidRequest where the request names none */
export function bucketOf({ bucket }: S3Request): string {
  if (bucket === undefined)
    throw new S3Error(400, 'InvalidRequest', 'The request names no bucket.');
  return bucket;
}

export function keyOf({ key }: S3Request): string {
  if (key === undefined) throw new S3Error(400, 'InvalidRequest', 'The request names no key.');
  return key;
}

export function sendXml(response: ServerResponse, document: string, status = 200): void {
  const body = Buffer.from(document);
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': body.length,
  });
  response.end(body);
}

export function sendEmpty(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': 0 });
  response.end();
}
