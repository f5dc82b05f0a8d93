export { type FaultCode, type FlattenFault } from './fault';
export {
  compileFlattener,
  compileRecordCheck,
  throwawayHash,
  type Flattener,
  type FlattenerOptions,
  type FlattenResult,
} from './flattener';
export { compileRowCheck, holdsFinishedRows, type RowCheck } from './finished-rows';
export {
  openRecord,
  sealRecord,
  sealRecordWithin,
  type OpenedRecord,
  type RecordEnvelope,
} from './record-envelope';
export type { RecordOrigin } from '@sluice/event-schema';
export {
  asSealedRecord,
  openFailedRecord,
  sealFailedRecord,
  type SealedRecord,
} from './sealed-record';
export { unzip } from './unzip';
export type { RecordTrace } from '@sluice/traces';
