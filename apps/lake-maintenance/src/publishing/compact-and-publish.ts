import { compactTable, type CompactTableOptions } from '../compaction/compact-table';
import type { CompactDayResult } from '../compaction/compact-day';
import type { PublishResult, TablePublisher } from './table-publisher';

export interface CompactAndPublishOptions extends Omit<
  CompactTableOptions,
  'publication' | 'eventType'
> {
  readonly publisher: TablePublisher;
}

export interface CompactAndPublishResult {
  readonly days: readonly CompactDayResult[];
  readonly published: PublishResult;
}

/** Compacts the days of a table, and updates what other engines read of it. */
export async function compactAndPublish({
  publisher,
  ...options
}: CompactAndPublishOptions): Promise<CompactAndPublishResult> {
  const { date, deadlineMs = Infinity, now = Date.now } = options;
  const { eventType } = publisher;
  await publisher.open();
  const days = await compactTable({ ...options, eventType, publication: publisher });
  const sawAll = date === undefined && now() < deadlineMs;
  return { days, published: await publisher.publish({ sawAll }) };
}
