import type { EventType } from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';
import type { CompactDayResult } from './compaction/compact-day';
import { compactTable } from './compaction/compact-table';
import { parseMaintenanceEvent } from './maintenance-event';

export interface MaintenanceDependencies {
  readonly store: ObjectStore;
  readonly eventTypes: readonly EventType[];
  readonly now?: () => number;
}

export interface CompactionSummary {
  readonly action: 'compact';
  /** False where the deadline came first; the next run goes on. */
  readonly complete: boolean;
  readonly days: readonly CompactDayResult[];
}

/** @param deadlineMs no step of work begins after it. @throws MaintenanceRequestError */
export async function maintain(
  event: unknown,
  deadlineMs: number,
  { store, eventTypes, now = Date.now }: MaintenanceDependencies,
): Promise<CompactionSummary> {
  const request = parseMaintenanceEvent(event, eventTypes);
  const days: CompactDayResult[] = [];
  for (const eventType of request.eventTypes)
    days.push(
      ...(await compactTable({
        store,
        eventType,
        deadlineMs,
        now,
        seal: request.seal,
        ...(request.date !== undefined && { date: request.date }),
      })),
    );
  return {
    action: 'compact',
    complete: now() < deadlineMs && days.every(({ complete }) => complete),
    days,
  };
}
