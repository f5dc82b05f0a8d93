import {
  compactTable,
  FailedDaysError,
  type CompactTableOptions,
} from '../compaction/compact-table';
import type { CompactDayResult } from '../compaction/compact-day';
import type { PublishResult, TablePublisher } from './table-publisher';

export interface CompactAndPublishOptions extends Omit<
  CompactTableOptions,
  'publication' | 'eventType'
> {
  readonly publisher: TablePublisher;
}

export interface CompactAndPublishResult {
  /** Results of the days that were compacted. */
  readonly days: readonly CompactDayResult[];
  /** Errors of the days that could not be compacted. */
  readonly failed: FailedDaysError | undefined;
  readonly published: PublishResult;
}

/**
 * Compacts the days of a table and publishes them for other engines. A day that can't be compacted neither prevents
 * the others from being published, nor its own last readable state.
 */
export async function compactAndPublish({
  publisher,
  ...options
}: CompactAndPublishOptions): Promise<CompactAndPublishResult> {
  const { date, deadlineMs = Infinity, now = Date.now } = options;
  const { eventType } = publisher;
  await publisher.open();
  let days: readonly CompactDayResult[];
  let failed: FailedDaysError | undefined;
  try {
    days = await compactTable({ ...options, eventType, publication: publisher });
  } catch (error) {
    if (!(error instanceof FailedDaysError)) throw error;
    failed = error;
    days = error.compacted;
  }
  const sawAll = date === undefined && !failed && now() < deadlineMs;
  return { days, failed, published: await publisher.publish({ sawAll }) };
}
