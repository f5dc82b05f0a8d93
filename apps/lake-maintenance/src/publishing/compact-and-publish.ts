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
  /** Days that were compacted. */
  readonly days: readonly CompactDayResult[];
  /** Why others could not be. */
  readonly failed: FailedDaysError | undefined;
  readonly published: PublishResult;
}

/**
 * Compacts the days of a table, and makes what other engines read of it the same. Days that can't be compacted keep neither the others nor
 * their own last readable state from being published.
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
