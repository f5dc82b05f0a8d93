export {
  compactDay,
  type CompactDayOptions,
  type CompactDayResult,
  type RefusedFile,
} from './compaction/compact-day';
export { compactTable, type CompactTableOptions } from './compaction/compact-table';
export { maintain, type CompactionSummary, type MaintenanceDependencies } from './handler';
export { MaintenanceRequestError, type MaintenanceEvent } from './maintenance-event';
