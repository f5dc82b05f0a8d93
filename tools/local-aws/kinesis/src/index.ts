export type { Stream } from './ensure-streams';
export { kinesisCaller, type KinesisCall } from './kinesis-call';
export { kinesisSource } from './kinesis-source';
export { limitedKinesis } from './limited-kinesis';
export { mendedText, mendStreams } from './mend-streams';
export {
  kinesisHeaders,
  signatureV4,
  startKinesis,
  type LocalKinesis,
  StreamStoreError,
  KinesisError,
} from './start-kinesis';
