import type { IncomingHttpHeaders } from 'node:http';
import { checksumHeader, checksumNames } from './checksums';
import { plainDescription, type ObjectDescription, type ObjectMetadata } from './object-files';
import { header } from './s3-request';

const userPrefix = 'x-amz-meta-';

/** Headers that are stored and returned unchanged. */
const storedHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
] as const;

/** Reads the description of an object from the request that writes it. */
export function describedBy(headers: IncomingHttpHeaders): Omit<ObjectDescription, 'checksums'> {
  const kept: Record<string, string> = {};
  for (const name of storedHeaders) {
    const value = header(headers, name);
    // aws-chunked describes how the body is transmitted, not what the object is.
    const text =
      name === 'content-encoding'
        ? value
            ?.split(',')
            .map((part) => part.trim())
            .filter((part) => part.toLowerCase() !== 'aws-chunked')
            .join(', ')
        : value;
    if (text !== undefined && text !== '') kept[name] = text;
  }
  return {
    contentType: header(headers, 'content-type') ?? plainDescription.contentType,
    headers: kept,
    userMetadata: Object.fromEntries(
      Object.keys(headers)
        .filter((name) => name.startsWith(userPrefix))
        .map((name) => [name.slice(userPrefix.length), header(headers, name) ?? '']),
    ),
  };
}

/** Header that says that a stored checksum is one of the whole object, never one of its parts' checksums. */
export const wholeChecksums = { 'x-amz-checksum-type': 'FULL_OBJECT' };

/** Returns the headers that describe an object. @param withChecksums as `x-amz-checksum-mode: ENABLED` requests */
export function headersOf(
  metadata: ObjectMetadata,
  { withChecksums }: { readonly withChecksums: boolean },
): Record<string, string> {
  const headers: Record<string, string> = {
    etag: metadata.etag,
    'last-modified': new Date(metadata.modifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    'content-type': metadata.contentType,
    ...metadata.headers,
  };
  for (const [name, value] of Object.entries(metadata.userMetadata))
    headers[userPrefix + name] = value;
  return withChecksums ? { ...headers, ...checksumHeaders(metadata), ...wholeChecksums } : headers;
}

export function checksumHeaders({
  checksums,
}: Pick<ObjectDescription, 'checksums'>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of checksumNames) {
    const value = checksums[name];
    if (value !== undefined) headers[checksumHeader(name)] = value;
  }
  return headers;
}
