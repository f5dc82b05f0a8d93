export {
  compactDay,
  type CompactDayOptions,
  type CompactDayResult,
  type RefusedFile,
} from './compaction/compact-day';
export { parquetThread } from './compaction/parquet-thread';
export { compactTable, type CompactTableOptions } from './compaction/compact-table';
export {
  maintain,
  type CompactionSummary,
  type MaintenanceDependencies,
  type MaintenanceSummary,
  type ReplaySummary,
  type SweepResultsSummary,
} from './maintain';
export { MaintenanceRequestError, type MaintenanceEvent } from './maintenance-event';
export {
  compactAndPublish,
  type CompactAndPublishOptions,
  type CompactAndPublishResult,
} from './publishing/compact-and-publish';
export {
  TablePublisher,
  type CatalogPointer,
  type PublisherOptions,
  type PublishResult,
  type SnapshotRetention,
} from './publishing/table-publisher';
export {
  backfill,
  BackfillTimeError,
  type BackfillFault,
  type BackfillFileResult,
  type BackfillOptions,
  type TakeFile,
} from './backfill/backfill-file';
export { addCounts, noCounts, type BackfillCounts } from './backfill/backfill-state';
