// An event counts on the first day on which it arrived. The arrival of a row determines which days are compared,
// whether the first day or the later one is compacted last.
import { dayAfter, lakeDate, type KeyText, type LakeDate } from '@sluice/lake-layout';

/** Milliseconds before and after a row's arrival within which another copy of its event is searched for. */
export const lookAroundMs = 3_600_000;
const dayMs = 86_400_000;

/** Identity of an event, which all its rows share, on whatever days they are stored. */
export type EventIdentity = string;

export const eventIdentity = (key: KeyText, eventId: string): EventIdentity => `${key}\n${eventId}`;

/**
 * Returns the moment before which a row must have arrived for earlier days to be searched for it, in milliseconds
 * since 1970.
 */
export const copiesArriveBeforeMs = (date: LakeDate): number => Date.parse(date) + lookAroundMs;

/**
 * Returns the earlier days that are searched for a copy of a row's event. For a row of the day's first hour this is
 * the day before. For a row of a replay, which arrived before the day under which it is stored, these are the days
 * around its arrival and the day before its own, because an interrupted replay sends its records again.
 *
 * @param date day under which the row is stored
 */
export function earlierDays(date: LakeDate, ingestedAtMs: number): readonly LakeDate[] {
  // All moments of an hour have the same days, and most rows follow one of the same hour.
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
  // A buffer that was open at midnight is stored under the day before:
  // https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
  for (let ms = first; ms <= ingestedAtMs + lookAroundMs && ms < startMs; ms += dayMs)
    days.add(lakeDate(ms));
  return [...days.add(dayAfter(date, -1))];
}
