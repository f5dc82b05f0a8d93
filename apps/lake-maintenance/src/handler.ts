import type { EventType } from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';
import type { CompactDayResult } from './compaction/compact-day';
import { compactTable } from './compaction/compact-table';
import type { ParquetCodec } from './compaction/parquet-codec';
import { parseMaintenanceEvent } from './maintenance-event';
import type { ReplayReport } from './replay/replay-report';
import { replayTable, type SendRecords } from './replay/replay-table';
import type { ReadStream } from './replay/stream-places';
import { sweepResults, type SweepResultsResult } from './results/sweep-results';

export interface MaintenanceDependencies {
  readonly store: ObjectStore;
  /** What `store` is called where lists of files name it. */
  readonly bucket: string;
  readonly send: SendRecords;
  readonly readStream?: ReadStream;
  readonly eventTypes: readonly EventType[];
  /** @default on the caller's thread */
  readonly codec?: ParquetCodec;
  /** Of `compactTable`; to be kept from one event to the next. */
  readonly done?: Map<string, string>;
  readonly now?: () => number;
}

export interface CompactionSummary {
  readonly action: 'compact';
  /** False where the deadline came first; the next run goes on. */
  readonly complete: boolean;
  readonly days: readonly CompactDayResult[];
}

export interface ReplaySummary extends ReplayReport {
  readonly action: 'replay';
}

export interface SweepResultsSummary extends SweepResultsResult {
  readonly action: 'sweep-results';
}

export type MaintenanceSummary = CompactionSummary | ReplaySummary | SweepResultsSummary;

/** @param deadlineMs no step of work begins after it. @throws MaintenanceRequestError */
export async function maintain(
  event: unknown,
  deadlineMs: number,
  {
    store,
    bucket,
    send,
    readStream,
    eventTypes,
    codec,
    done,
    now = Date.now,
  }: MaintenanceDependencies,
): Promise<MaintenanceSummary> {
  const request = parseMaintenanceEvent(event, eventTypes);
  if (request.action === 'replay')
    return {
      action: 'replay',
      ...(await replayTable({ ...request, store, send, readStream, deadlineMs, now })),
    };
  if (request.action === 'sweep-results')
    return { action: 'sweep-results', ...(await sweepResults({ store, deadlineMs, now })) };
  const { date, seal } = request;
  const days: CompactDayResult[] = [];
  for (const eventType of request.eventTypes)
    days.push(
      ...(await compactTable({
        store,
        bucket,
        eventType,
        date,
        seal,
        deadlineMs,
        now,
        ...(codec && { codec }),
        ...(done && { done }),
      })),
    );
  return {
    action: 'compact',
    complete: now() < deadlineMs && days.every(({ complete }) => complete),
    days,
  };
}
