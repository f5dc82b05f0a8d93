/**
 * A folder of plain files, served as S3 on 127.0.0.1.
 *
 * @example
 * const s3 = await startS3({ folder: 'objects', credentials, buckets: ['lake'] });
 * const client = new S3Client({ endpoint: s3.url, forcePathStyle: true, region: 'us-east-1', credentials });
 */
export {
  startS3,
  type LocalS3,
  type OperationStats,
  type S3Options,
  type S3Stats,
} from './start-s3';
/** Description of a written object, as the option `onCreated` gets it. */
export type { CreatedObject } from './operation';
/** Effect of the option `fault` on a request. */
export type { Fault } from './start-s3';
