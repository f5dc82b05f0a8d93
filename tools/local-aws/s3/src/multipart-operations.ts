import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { byteRange } from './byte-range';
import { checksumHeader, checksumNames, type ChecksumName } from './checksums';
import { checksumHeaders, describedBy } from './object-description';
import { checkCopySource, copySource } from './object-operations';
import { bucketOf, keyOf, sendEmpty, sendXml, type Handle } from './operation';
import { receiveBody, receiveText } from './receive-body';
import { invalidArgument, noSuchBucket, S3Error } from './s3-error';
import { header, type S3Request } from './s3-request';
import { element, parseXml, resultDocument, type ParsedElement } from './xml';

const maxPartNumber = 10_000;

const uploadIdOf = ({ query }: S3Request): string => query.get('uploadId') ?? '';

function partNumberOf({ query }: S3Request): number {
  const number = Number(query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > maxPartNumber)
    throw invalidArgument(
      `Part number must be an integer between 1 and ${maxPartNumber}, inclusive`,
    );
  return number;
}

export const createMultipartUpload: Handle = async ({ files, uploads }, request, response) => {
  const [bucket, key] = [bucketOf(request), keyOf(request)];
  if (!(await files.hasBucket(bucket))) throw noSuchBucket(bucket);
  request.message.resume();
  const { uploadId } = await uploads.start({
    bucket,
    key,
    description: describedBy(request.headers),
  });
  sendXml(
    response,
    resultDocument('InitiateMultipartUploadResult', [
      element('Bucket', bucket),
      element('Key', key),
      element('UploadId', uploadId),
    ]),
  );
};

export const uploadPart: Handle = async ({ files, uploads, received }, request, response) => {
  const upload = await uploads.find(uploadIdOf(request), bucketOf(request), keyOf(request));
  const number = partNumberOf(request);
  const body = await receiveBody(request.message, files.temporaryFile(), received);
  const part = await uploads.addPart(upload, number, body);
  sendEmpty(response, 200, { etag: part.etag, ...checksumHeaders(body) });
};

export const uploadPartCopy: Handle = async ({ files, uploads }, request, response) => {
  const upload = await uploads.find(uploadIdOf(request), bucketOf(request), keyOf(request));
  const number = partNumberOf(request);
  const source = copySource(request);
  const { metadata, handle } = await files.open(source.bucket, source.key);
  const file = files.temporaryFile();
  const md5 = createHash('md5');
  let bytes = 0;
  try {
    checkCopySource(request, metadata);
    const asked = header(request.headers, 'x-amz-copy-source-range');
    const range = byteRange(asked, metadata.bytes);
    if (range === 'unsatisfiable' || (asked !== undefined && range === undefined))
      throw invalidArgument(`The x-amz-copy-source-range value is not valid: ${asked ?? ''}`);
    await pipeline(
      handle.createReadStream({
        autoClose: false,
        highWaterMark: 1 << 20,
        ...(range && { start: range.first, end: range.last }),
      }),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          md5.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(file),
    );
  } finally {
    await handle.close();
  }
  const part = await uploads.addPart(upload, number, { file, bytes, md5: md5.digest('hex') });
  sendXml(
    response,
    resultDocument('CopyPartResult', [
      element('LastModified', new Date(part.modifiedMs).toISOString()),
      element('ETag', part.etag),
    ]),
  );
};

export const completeMultipartUpload: Handle = async ({ uploads, created }, request, response) => {
  const [bucket, key] = [bucketOf(request), keyOf(request)];
  const upload = await uploads.find(uploadIdOf(request), bucket, key);
  const parsed = parseXml(await receiveText(request.message), 'CompleteMultipartUpload');
  const named = parsed?.['Part'];
  if (!Array.isArray(named))
    throw new S3Error(400, 'MalformedXML', 'The XML you provided was not well-formed.');
  const metadata = await uploads.complete(
    upload,
    (named as readonly ParsedElement[]).map((part) => ({
      number: Number(part['PartNumber']),
      etag: typeof part['ETag'] === 'string' ? part['ETag'] : '',
    })),
    wholeChecksums(request),
    {
      ifMatch: header(request.headers, 'if-match'),
      ifNoneMatch: header(request.headers, 'if-none-match'),
    },
  );
  created({ bucket, key, ...metadata, reason: 'CompleteMultipartUpload' });
  sendXml(
    response,
    resultDocument('CompleteMultipartUploadResult', [
      element('Location', `/${bucket}/${key}`),
      element('Bucket', bucket),
      element('Key', key),
      element('ETag', metadata.etag),
    ]),
  );
};

/**
 * Returns the checksums of the whole object. A checksum of checksums ("COMPOSITE"), which ends with the number of
 * parts, is left out.
 */
function wholeChecksums({ headers }: S3Request): Partial<Record<ChecksumName, string>> {
  const found: Partial<Record<ChecksumName, string>> = {};
  for (const name of checksumNames) {
    const value = header(headers, checksumHeader(name));
    if (value !== undefined && !/-\d+$/.test(value)) found[name] = value;
  }
  return found;
}

export const abortMultipartUpload: Handle = async ({ uploads }, request, response) => {
  const upload = await uploads.find(uploadIdOf(request), bucketOf(request), keyOf(request));
  await uploads.abort(upload);
  sendEmpty(response, 204);
};

export const listMultipartUploads: Handle = async ({ uploads }, request, response) => {
  const bucket = bucketOf(request);
  const prefix = request.query.get('prefix') ?? '';
  const found = (await uploads.list(bucket)).filter(({ key }) => key.startsWith(prefix));
  sendXml(
    response,
    resultDocument('ListMultipartUploadsResult', [
      element('Bucket', bucket),
      element('IsTruncated', 'false'),
      ...found.map(({ key, uploadId, startedMs }) =>
        element('Upload', [
          element('Key', key),
          element('UploadId', uploadId),
          element('Initiated', new Date(startedMs).toISOString()),
        ]),
      ),
    ]),
  );
};
