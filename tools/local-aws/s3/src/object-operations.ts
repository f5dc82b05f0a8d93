import { createWriteStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { byteRange } from './byte-range';
import { checksumHeaders, describedBy, headersOf, wholeChecksums } from './object-description';
import { etagMatches, type ObjectMetadata, type WriteCondition } from './object-files';
import { bucketOf, keyOf, sendEmpty, sendXml, type Endpoint, type Handle } from './operation';
import { receiveBody, receiveText } from './receive-body';
import { invalidArgument, noSuchBucket, preconditionFailed, S3Error } from './s3-error';
import { decode, header, s3Arn, type S3Request } from './s3-request';
import { element, parseXml, resultDocument, type ParsedElement } from './xml';

/** Size in bytes up to which an object is read at once; a larger one is streamed. */
const readAtOnceBytes = 1 << 20;

/** Largest number of keys in one DeleteObjects, as in S3. */
const maxDeletes = 1000;

export const getObject: Handle = (endpoint, request, response) =>
  readObject(endpoint, request, response, true);

export const headObject: Handle = (endpoint, request, response) =>
  readObject(endpoint, request, response, false);

async function readObject(
  { files }: Endpoint,
  request: S3Request,
  response: ServerResponse,
  withBody: boolean,
): Promise<void> {
  const { metadata, handle } = await files.open(bucketOf(request), keyOf(request));
  try {
    if (isUnchanged(request, metadata)) {
      sendEmptyNotModified(response, metadata);
      return;
    }
    const total = metadata.bytes;
    const range = byteRange(header(request.headers, 'range'), total);
    if (range === 'unsatisfiable')
      throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable', {
        elements: { ActualObjectSize: String(total) },
        headers: { 'content-range': `bytes */${total}` },
      });
    const { first, last } = range ?? { first: 0, last: total - 1 };
    const length = last - first + 1;
    const wantsChecksums = header(request.headers, 'x-amz-checksum-mode') === 'ENABLED';
    const headers: Record<string, string> = {
      // A checksum covers the whole object, so a part can't be checked against it.
      ...headersOf(metadata, { withChecksums: wantsChecksums && !range }),
      'content-length': String(length),
    };
    if (range) headers['content-range'] = `bytes ${first}-${last}/${total}`;
    response.writeHead(range ? 206 : 200, headers);
    if (!withBody || length === 0) response.end();
    else if (length <= readAtOnceBytes) {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(buffer, 0, length, first);
      if (bytesRead < length) response.destroy();
      else response.end(buffer);
    } else
      await pipeline(
        handle.createReadStream({
          start: first,
          end: last,
          autoClose: false,
          highWaterMark: 1 << 20,
        }),
        response,
      );
  } finally {
    await handle.close();
  }
}

function sendEmptyNotModified(response: ServerResponse, metadata: ObjectMetadata): void {
  const { etag, 'last-modified': modified } = headersOf(metadata, { withChecksums: false });
  response.writeHead(304, { etag, 'last-modified': modified });
  response.end();
}

/** Decides whether a conditional read finds its object unchanged, in the order of RFC 9110, section 13.2.2. @throws PreconditionFailed */
function isUnchanged({ headers }: S3Request, { etag, modifiedMs }: ObjectMetadata): boolean {
  const modifiedSeconds = Math.floor(modifiedMs / 1000);
  const seconds = (name: string): number =>
    Math.floor(Date.parse(header(headers, name) ?? '') / 1000);
  const ifMatch = header(headers, 'if-match');
  if (ifMatch !== undefined) {
    if (!etagMatches(ifMatch, etag)) throw preconditionFailed('If-Match');
  } else if (seconds('if-unmodified-since') < modifiedSeconds)
    throw preconditionFailed('If-Unmodified-Since');
  const ifNoneMatch = header(headers, 'if-none-match');
  return ifNoneMatch === undefined
    ? seconds('if-modified-since') >= modifiedSeconds
    : etagMatches(ifNoneMatch, etag);
}

const writeCondition = ({ headers }: S3Request): WriteCondition => {
  const ifNoneMatch = header(headers, 'if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw new S3Error(501, 'NotImplemented', 'A write takes no If-None-Match but "*".');
  return { ifMatch: header(headers, 'if-match'), ifNoneMatch };
};

export const putObject: Handle = async ({ files, received, created }, request, response) => {
  const [bucket, key] = [bucketOf(request), keyOf(request)];
  const condition = writeCondition(request);
  const body = await receiveBody(request.message, files.temporaryFile(), received);
  const metadata = await files.put(
    bucket,
    key,
    body.file,
    { ...describedBy(request.headers), checksums: body.checksums, etag: `"${body.md5}"` },
    condition,
  );
  created({ bucket, key, ...metadata, reason: 'PutObject' });
  sendEmpty(response, 200, {
    etag: metadata.etag,
    ...checksumHeaders(metadata),
    ...wholeChecksums,
  });
};

export const deleteObject: Handle = async ({ files }, request, response) => {
  const bucket = bucketOf(request);
  if (!(await files.hasBucket(bucket))) throw noSuchBucket(bucket);
  await files.delete(bucket, keyOf(request), { ifMatch: header(request.headers, 'if-match') });
  sendEmpty(response, 204);
};

const textOf = (parent: ParsedElement, name: string): string | undefined => {
  const value = parent[name];
  return typeof value === 'string' ? value : undefined;
};

export const deleteObjects: Handle = async ({ files, permit }, request, response) => {
  const bucket = bucketOf(request);
  const parsed = parseXml(await receiveText(request.message), 'Delete');
  const objects = parsed?.['Object'];
  if (!parsed || !Array.isArray(objects) || objects.length > maxDeletes)
    throw new S3Error(
      400,
      'MalformedXML',
      `The XML you provided was not well-formed, or names no object, or more than ${maxDeletes}.`,
    );
  if (!(await files.hasBucket(bucket))) throw noSuchBucket(bucket);
  const isQuiet = textOf(parsed, 'Quiet') === 'true';
  const results = await Promise.all(
    (objects as readonly ParsedElement[]).map(async (object) => {
      const key = textOf(object, 'Key') ?? '';
      const etag = textOf(object, 'ETag');
      const resource = s3Arn(bucket, key);
      try {
        permit({ action: 's3:DeleteObject', resource });
        if (etag !== undefined) permit({ action: 's3:GetObject', resource });
        await files.delete(bucket, key, { ifMatch: etag });
        return isQuiet ? [] : [element('Deleted', [element('Key', key)])];
      } catch (error) {
        const { code, message } = error instanceof S3Error ? error : internalError(error);
        return [
          element('Error', [
            element('Key', key),
            element('Code', code),
            element('Message', message),
          ]),
        ];
      }
    }),
  );
  sendXml(response, resultDocument('DeleteResult', results.flat()));
};

const internalError = (error: unknown): S3Error =>
  new S3Error(500, 'InternalError', error instanceof Error ? error.message : String(error));

/** Reads the bucket and key of an `x-amz-copy-source` header. */
export function copySource(request: S3Request): { readonly bucket: string; readonly key: string } {
  const source = header(request.headers, 'x-amz-copy-source') ?? '';
  const match = /^\/?([^/]+)\/([^?]+)(?:\?versionId=null)?$/.exec(source);
  const [, bucket = '', key = ''] = match ?? [];
  if (!match) throw invalidArgument(`x-amz-copy-source is not <bucket>/<key>: ${source}`);
  return { bucket: decode(bucket), key: decode(key) };
}

/** Checks the condition that a copy sets for its source. @throws {@link S3Error} PreconditionFailed */
export function checkCopySource({ headers }: S3Request, { etag }: ObjectMetadata): void {
  const ifMatch = header(headers, 'x-amz-copy-source-if-match');
  if (ifMatch !== undefined && !etagMatches(ifMatch, etag))
    throw preconditionFailed('x-amz-copy-source-If-Match');
}

export const copyObject: Handle = async ({ files, created }, request, response) => {
  const [bucket, key] = [bucketOf(request), keyOf(request)];
  const source = copySource(request);
  const replaces = header(request.headers, 'x-amz-metadata-directive') === 'REPLACE';
  if (source.bucket === bucket && source.key === key && !replaces)
    throw new S3Error(
      400,
      'InvalidRequest',
      'This copy request is illegal because it is trying to copy an object to itself without ' +
        'changing its metadata.',
    );
  const { metadata, handle } = await files.open(source.bucket, source.key);
  const temporary = files.temporaryFile();
  try {
    checkCopySource(request, metadata);
    // Read through the open handle, because the source may be overwritten in the meantime.
    await pipeline(
      handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20 }),
      createWriteStream(temporary),
    );
  } finally {
    await handle.close();
  }
  const copied = await files.put(
    bucket,
    key,
    temporary,
    {
      ...(replaces ? describedBy(request.headers) : metadata),
      checksums: metadata.checksums,
      etag: metadata.etag,
    },
    writeCondition(request),
  );
  created({ bucket, key, ...copied, reason: 'CopyObject' });
  sendXml(
    response,
    resultDocument('CopyObjectResult', [
      element('LastModified', new Date(copied.modifiedMs).toISOString()),
      element('ETag', copied.etag),
    ]),
  );
};
