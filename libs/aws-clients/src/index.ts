export {
  athenaClient,
  kinesisClient,
  s3Client,
  stepFunctionsClient,
  type ClientOptions,
  type Environment,
} from './clients';
export {
  putAllRecords,
  type OutgoingRecord,
  type PutAllOptions,
  type PutAllResult,
  type RefusedRecord,
} from './put-all-records';
export { s3ObjectStore } from './s3-object-store';
