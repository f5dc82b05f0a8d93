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

/** `<bucket>.localhost` and `<bucket>.s3.localhost`: names below localhost are of this machine (RFC 6761, 6.3). */
function bucketOfHost(host: string): string | undefined {
  const bucket = /^(.+?)(?:\.s3)?\.localhost(?::\d+)?$/i.exec(host)?.[1]?.toLowerCase();
  return bucket === 's3' ? undefined : bucket;
}

/** @throws {@link S3Error} InvalidURI where the path is no UTF-8 */
export function readRequest(message: IncomingMessage): S3Request {
  // Not by `URL`: it would resolve "..", which in S3 is a part of the key.
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

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** Returns a header's one value. */
export const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};
