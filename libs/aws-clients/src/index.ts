export type { ClientOptions } from './client-options';
export { kinesisClient, putRecordsWith, s3Client } from './clients';
export {
  putAllRecords,
  type OutgoingRecord,
  type PutAllOptions,
  type PutAllResult,
  type PutRecords,
  type RefusedRecord,
} from './put-all-records';
export { readStream, type ReadStreamOptions, type StreamedRecord } from './read-stream';
export { s3ObjectStore } from './s3-object-store';
