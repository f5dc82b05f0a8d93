// A separate entry point (@sluice/failed-records/replay): sends failed records back into their stream.
export {
  errorKinds,
  errorLineReader,
  linesOf,
  type ErrorKind,
  type FailedRecord,
} from './error-line';
export { readFromKinesis, sendToKinesis, type KinesisStreams } from './kinesis-streams';
export {
  type ReplayReport,
  type ReportExample,
  type ReportGroup,
  type Verdict,
} from './replay-report';
export {
  replayTable,
  type ReplayOptions,
  type ReplayProgress,
  type SendRecords,
} from './replay-table';
export type { ReadStream } from './stream-positions';
export { rewriteFailed, type ReadObject } from './keep-notes';
export { onlyReason, type WantedReason } from './only-reason';
