// Reads Firehose's error output: which records failed, why, and how to fix them.
export { errorKinds, isErrorKind, type ErrorKind } from './error-line';
export { mergeReasons, readFailureReasons, reasonId, type FailureReason } from './failure-reasons';
export {
  FailureReader,
  type FailureGroup,
  type Failures,
  type FailureSample,
  type ReadFailuresOptions,
} from './read-failures';
export { recordFault, type RecordFault } from './record-fault';
export { fixRecord, FixError, parseFixes, type FixStep } from './fixes';
