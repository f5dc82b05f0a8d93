export {
  compactDay,
  type CompactDayOptions,
  type CompactDayResult,
  type RefusedFile,
} from './compaction/compact-day';
export { parquetThread } from './compaction/parquet-thread';
export {
  compactTable,
  FailedDaysError,
  type CompactTableOptions,
} from './compaction/compact-table';
export {
  reindexTable,
  type ReindexedDay,
  type ReindexResult,
  type ReindexTableOptions,
} from './compaction/reindex-table';
export { expireTable, type ExpireResult, type ExpireTableOptions } from './retention/expire-table';
export {
  ErasureError,
  eraseSubjects,
  type ErasedSubject,
  type ErasureReport,
  type EraseSubjectsOptions,
} from './erasure/erase-subjects';
export {
  eraseReferences,
  withoutPeople,
  type EraseReferencesOptions,
  type ReferenceErasure,
} from './erasure/erase-references';
export { runErasures, type ErasureOutcome } from './erasure/run-erasures';
export {
  maintain,
  type CompactionSummary,
  type ExpirySummary,
  type IncomingSummary,
  type MaintenanceDependencies,
  type MaintenanceSummary,
  type ReplaySummary,
  type SweepResultsSummary,
} from './maintain';
export {
  takeIncoming,
  type IncomingFile,
  type TakeIncomingOptions,
  type TakeIncomingResult,
} from './incoming/take-incoming';
export { MaintenanceRequestError, type MaintenanceEvent } from './maintenance-event';
export {
  compactAndPublish,
  type CompactAndPublishOptions,
  type CompactAndPublishResult,
} from './publishing/compact-and-publish';
export type { ExpiryResult } from './publishing/expire-snapshots';
export { defaultRetention, type SnapshotRetention } from './publishing/snapshot-retention';
export { GluePointer } from './publishing/glue-pointer';
export type { CatalogPointer } from './publishing/newest-version';
export {
  TablePublisher,
  type PublisherOptions,
  type PublishResult,
} from './publishing/table-publisher';
export {
  backfill,
  BackfillRefusedError,
  type BackfillFault,
  type BackfillFileResult,
  type BackfillOptions,
  type TakeFile,
} from './backfill/backfill-file';
export { addCounts, noCounts, type BackfillCounts } from './backfill/backfill-state';
