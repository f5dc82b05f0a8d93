import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listKeys, type ListEntry, type ListPage } from './list-keys';
import type { ObjectMetadata } from './object-files';
import { isBucketName } from '@sluice/local-state-files';
import { bucketOf, sendEmpty, sendXml, type Endpoint, type Handle } from './operation';
import { invalidArgument, noSuchBucket } from './s3-error';
import type { S3Request } from './s3-request';
import { element, resultDocument, type Markup } from './xml';

/** Largest number of keys in one page of a listing, as in S3. */
const maxPageKeys = 1000;

export const listBuckets: Handle = async ({ files }, _request, response) => {
  const names = (await readdir(files.folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && isBucketName(entry.name))
    .map(({ name }) => name)
    .sort();
  const buckets = await Promise.all(
    names.map(async (name) =>
      element('Bucket', [
        element('Name', name),
        element('CreationDate', (await stat(join(files.folder, name))).birthtime.toISOString()),
      ]),
    ),
  );
  sendXml(
    response,
    resultDocument('ListAllMyBucketsResult', [
      element('Owner', [element('ID', 'sluice')]),
      element('Buckets', buckets),
    ]),
  );
};

export const headBucket: Handle = async ({ files, region }, request, response) => {
  const bucket = bucketOf(request);
  if (!(await files.hasBucket(bucket))) throw noSuchBucket(bucket);
  sendEmpty(response, 200, { 'x-amz-bucket-region': region });
};

export const listObjectsV2: Handle = async (endpoint, request, response) => {
  const { query } = request;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const listing = await list(endpoint, request, token === null ? startAfter : fromToken(token));
  const { encode, page, contents, prefixes, echoed } = listing;
  sendXml(
    response,
    resultDocument('ListBucketResult', [
      ...echoed,
      element('KeyCount', page.entries.length),
      element('IsTruncated', String(page.isTruncated)),
      ...(startAfter === '' ? [] : [element('StartAfter', encode(startAfter))]),
      ...(token === null ? [] : [element('ContinuationToken', token)]),
      ...(page.isTruncated && page.last !== undefined
        ? [element('NextContinuationToken', toToken(page.last))]
        : []),
      ...contents,
      ...prefixes,
    ]),
  );
};

/** Returns the token of the page after a key. Clients must not interpret it, like S3's own. */
const toToken = (last: string): string => Buffer.from(`after:${last}`).toString('base64');

function fromToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString('utf8');
  if (!text.startsWith('after:') || toToken(text.slice('after:'.length)) !== token)
    throw invalidArgument('The continuation token provided is incorrect');
  return text.slice('after:'.length);
}

/** Percent-encodes a key, for clients that ask for it, because keys may hold characters that XML can't. */
const percentEncode = (text: string): string =>
  encodeURIComponent(text)
    .replace(/%2F/g, '/')
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

interface Listing {
  readonly page: ListPage;
  readonly encode: (text: string) => string;
  readonly contents: readonly Markup[];
  readonly prefixes: readonly Markup[];
  /** Elements that repeat parameters of the request, in both forms of a listing. */
  readonly echoed: readonly Markup[];
}

async function list({ files }: Endpoint, request: S3Request, startAfter: string): Promise<Listing> {
  const { query } = request;
  const bucket = bucketOf(request);
  if (!(await files.hasBucket(bucket))) throw noSuchBucket(bucket);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const asked = query.get('max-keys') ?? String(maxPageKeys);
  if (!/^\d{1,9}$/.test(asked))
    throw invalidArgument(`Provided max-keys not an integer or within integer range: ${asked}`);
  const encodingType = query.get('encoding-type');
  if (encodingType !== null && encodingType !== 'url')
    throw invalidArgument('Invalid Encoding Method specified in Request');
  const encode = encodingType === 'url' ? percentEncode : (text: string): string => text;
  const folder = join(files.folder, bucket);
  const maxKeys = Math.min(Number(asked), maxPageKeys);
  const page = await listKeys({ folder, prefix, delimiter, startAfter, maxKeys });
  const contents = await Promise.all(
    page.entries.map(async (entry) =>
      contentsOf(entry, await metadataOf(files, bucket, entry), encode),
    ),
  );
  return {
    page,
    encode,
    contents: contents.flat(),
    prefixes: page.entries.flatMap((entry) =>
      'commonPrefix' in entry
        ? [element('CommonPrefixes', [element('Prefix', encode(entry.commonPrefix))])]
        : [],
    ),
    echoed: [
      element('Name', bucket),
      element('Prefix', encode(prefix)),
      element('MaxKeys', Number(asked)),
      ...(delimiter === '' ? [] : [element('Delimiter', encode(delimiter))]),
      ...(encodingType === null ? [] : [element('EncodingType', encodingType)]),
    ],
  };
}

const metadataOf = (
  files: Endpoint['files'],
  bucket: string,
  entry: ListEntry,
): Promise<ObjectMetadata | undefined> =>
  'key' in entry ? files.find(bucket, entry.key) : Promise.resolve(undefined);

/**
 * Describes a listed object. Returns nothing for a common prefix, and for an object that was deleted since its folder
 * was read.
 */
const contentsOf = (
  entry: ListEntry,
  metadata: ObjectMetadata | undefined,
  encode: (text: string) => string,
): readonly Markup[] =>
  'key' in entry && metadata
    ? [
        element('Contents', [
          element('Key', encode(entry.key)),
          element('LastModified', new Date(metadata.modifiedMs).toISOString()),
          element('ETag', metadata.etag),
          element('Size', metadata.bytes),
          element('StorageClass', 'STANDARD'),
        ]),
      ]
    : [];
