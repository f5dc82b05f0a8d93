// An event counts on the first day that it arrived on. Which days are compared follows from when a row arrived, and is the same
// whether the first day or the later one is compacted last.
import { lakeDate, type KeyText, type LakeDate } from '@sluice/lake-layout';

/** How long before and after a row's arrival another copy of its event is looked for. */
export const lookAroundMs = 3_600_000;
const dayMs = 86_400_000;

/** What makes rows those of one event, on whatever days they are stored. */
export type EventIdentity = string;

export const eventIdentity = (key: KeyText, eventId: string): EventIdentity => `${key}\n${eventId}`;

/** Returns the day that is so many days after another one. */
export const dayAfter = (date: LakeDate, days: number): LakeDate =>
  lakeDate(Date.parse(date) + days * dayMs);

/** Returns the moment before which a row has to have arrived so that earlier days are searched for it, in milliseconds since 1970. */
export const copiesArriveBeforeMs = (date: LakeDate): number => Date.parse(date) + lookAroundMs;

/**
 * Returns the earlier days on which a copy of a row's event is looked for: for a row of the day's first hour the day before, and for one
 * of a replay, which arrived before the day that it is stored under, the days around its arrival and the one before: a replay that was
 * cut short sends its records again.
 *
 * @param date day that the row is stored under
 */
export function earlierDays(date: LakeDate, ingestedAtMs: number): readonly LakeDate[] {
  // All moments of an hour have the same days, and most rows come after one of the same hour.
  const hour = Math.floor(ingestedAtMs / lookAroundMs);
  if (last.hour !== hour || last.date !== date)
    last = { date, hour, days: daysOfHour(date, hour * lookAroundMs) };
  return last.days;
}

let last: { readonly date: LakeDate; readonly hour: number; readonly days: readonly LakeDate[] } = {
  date: '',
  hour: 0,
  days: [],
};

function daysOfHour(date: LakeDate, ingestedAtMs: number): readonly LakeDate[] {
  const startMs = Date.parse(date);
  if (ingestedAtMs >= startMs + lookAroundMs) return [];
  const days = new Set<LakeDate>();
  const first = Math.floor((ingestedAtMs - lookAroundMs) / dayMs) * dayMs;
  // A buffer that was open at midnight lies under the day before: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
  for (let ms = first; ms <= ingestedAtMs + lookAroundMs && ms < startMs; ms += dayMs)
    days.add(lakeDate(ms));
  return [...days.add(dayAfter(date, -1))];
}
