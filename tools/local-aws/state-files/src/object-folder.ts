import { join, sep } from 'node:path';

// The form in which S3 keeps objects and Athena reads them: plain files, `<folder>/<bucket>/<key>`.

/** Longest key in UTF-8 bytes, as in S3. */
const maxKeyBytes = 1024;

/** Longest file name that common file systems accept, in bytes. */
const maxSegmentBytes = 255;

/** Folder of everything that is not an object; no bucket can have this name. */
export const privateFolder = '.s3';

// Source: S3 user guide, "General purpose bucket naming rules".
const bucketNames = /^(?!xn--)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/;

export const isBucketName = (name: string): boolean => bucketNames.test(name);

/**
 * Returns the reason why a key can't be a file below its bucket's folder; undefined where it can. S3 accepts such
 * keys, a folder of plain files does not.
 */
export function unsupportedKey(key: string): string | undefined {
  if (key.includes('\0')) return 'it holds a NUL character';
  const segments = key.split('/');
  for (const segment of segments) {
    if (segment === '')
      return 'it has an empty segment (it begins or ends with "/", or holds "//")';
    if (segment === '.' || segment === '..') return `it has a segment "${segment}"`;
    if (sep !== '/' && segment.includes(sep)) return `it holds "${sep}"`;
    const bytes = Buffer.byteLength(segment);
    if (bytes > maxSegmentBytes)
      return `one of its segments is ${bytes} bytes long, more than ${maxSegmentBytes}`;
  }
  return undefined;
}

export const isKeyTooLong = (key: string): boolean => Buffer.byteLength(key) > maxKeyBytes;

/**
 * Returns the path of an object; undefined for buckets and keys that no file can have, so that no such object can
 * exist.
 */
export const objectFile = (folder: string, bucket: string, key: string): string | undefined =>
  isBucketName(bucket) && unsupportedKey(key) === undefined && !isKeyTooLong(key)
    ? join(folder, bucket, ...key.split('/'))
    : undefined;
