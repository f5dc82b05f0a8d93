import { errorRetentionDays, type EventType } from '@sluice/event-schema';
import { lakeDate, type LakeDate } from '@sluice/lake-layout';

/** The first day of each kind of data that is kept; undefined where all days are kept. */
export interface FirstKeptDays {
  readonly rows: LakeDate | undefined;
  readonly raw: LakeDate | undefined;
  readonly errors: LakeDate | undefined;
}

const dayMs = 86_400_000;

/**
 * Returns the first days that an event type keeps. A day is kept whole until its last moment is as old as the
 * definition says: with one day of retention, yesterday and today are kept. A legal hold keeps everything.
 */
export function firstKeptDays(eventType: EventType, nowMs: number): FirstKeptDays {
  if (eventType.legalHold === true) return { rows: undefined, raw: undefined, errors: undefined };
  const first = (days: number | undefined): LakeDate | undefined =>
    days === undefined ? undefined : lakeDate(nowMs - days * dayMs);
  return {
    rows: first(eventType.retentionDays),
    raw: first(eventType.rawRetentionDays ?? eventType.retentionDays),
    errors: first(errorRetentionDays(eventType)),
  };
}

/**
 * Returns the milliseconds by which a day is past its retention.
 *
 * @param firstKept the first day that is kept at this moment
 */
export const overdueMs = (date: LakeDate, firstKept: LakeDate, nowMs: number): number =>
  Date.parse(firstKept) - Date.parse(date) - dayMs + (nowMs % dayMs);
