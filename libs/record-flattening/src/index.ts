export { type FaultCode, type FlattenFault } from './fault';
export {
  compileFlattener,
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
export { unzip } from './unzip';
