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
export { type ReplayReport, type ReportGroup, type Verdict } from './replay/replay-report';
export { replayTable, type ReplayOptions, type SendRecords } from './replay/replay-table';
export { errorKinds, isErrorKind, type ErrorKind } from './replay/error-line';
export { readFromKinesis, sendToKinesis, type KinesisStreams } from './replay/kinesis-streams';
export {
  backfill,
  BackfillTimeError,
  type BackfillFault,
  type BackfillFileResult,
  type BackfillOptions,
  type TakeFile,
} from './backfill/backfill-file';
export { addCounts, noCounts, type BackfillCounts } from './backfill/backfill-state';
