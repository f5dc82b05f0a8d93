import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { S3Error } from './s3-error';

/** A request as S3 addresses it: path style (`/bucket/key`) or virtual-host style (`bucket.localhost/key`). */
export interface S3Request {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly path: string;
  readonly message: IncomingMessage;
}

/**
 * Returns the bucket of the host names `<bucket>.localhost` and `<bucket>.s3.localhost`. Names below localhost mean
 * this machine (RFC 6761, 6.3).
 */
function bucketOfHost(host: string): string | undefined {
  const bucket = /^(.+?)(?:\.s3)?\.localhost(?::\d+)?$/i.exec(host)?.[1]?.toLowerCase();
  return bucket === 's3' ? undefined : bucket;
}

/** Reads the target of a request. @throws {@link S3Error} InvalidURI where the path is not UTF-8 */
export function readRequest(message: IncomingMessage): S3Request {
  // `URL` is not used, because it would resolve "..", which in S3 is a part of the key.
  const target = message.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  const hostBucket = bucketOfHost(message.headers.host ?? '');
  const rest = path.replace(/^\//, '');
  const slash = hostBucket === undefined ? rest.indexOf('/') : -1;
  const bucket = hostBucket ?? decode(slash < 0 ? rest : rest.slice(0, slash));
  const key =
    hostBucket !== undefined ? decode(rest) : slash < 0 ? '' : decode(rest.slice(slash + 1));
  return {
    method: message.method ?? 'GET',
    headers: message.headers,
    query,
    bucket: bucket === '' ? undefined : bucket,
    key: key === '' ? undefined : key,
    path,
    message,
  };
}

/** Decodes a percent-encoded text. @throws {@link S3Error} where it is not UTF-8 */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** Returns the ARN of a bucket, or of an object. */
export const s3Arn = (bucket: string, key?: string): string =>
  `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`;

/** Returns the single value of a header. */
export const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};
