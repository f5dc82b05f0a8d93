import { rowsByKeyName, timeColumn, type EventType } from '@sluice/event-schema';
import { Problem, quoted } from '@sluice/lambda-http';
import { lakeDate, type LakeDate } from '@sluice/lake-layout';
import { parseDate, parseTime } from '@sluice/values';
import type { MomentWindow } from './moments';
import type { RawParameters } from './raw-parameters';

const maxDays = 31;
const msPerDay = 86_400_000;
const microsPerDay = 86_400_000_000n;

/** Reads the range of wanted moments: from `since` (inclusive) to `until` (exclusive), or the day of `eventDate`. */
export function momentWindow(
  { since, until, eventDate, date }: RawParameters,
  eventType: EventType,
): MomentWindow {
  if (eventDate !== undefined) {
    if (since !== undefined || until !== undefined || date !== undefined)
      throw new Problem(
        400,
        '"eventDate" excludes "date", "since" and "until"; it stands for a day of the events\' own time',
      );
    if (!timeColumn(eventType))
      throw new Problem(
        400,
        `"eventDate" asks by the time of the event, and ${eventType.name} names none; ask by "date", the day of arrival`,
      );
    checkDate('eventDate', eventDate);
    const start = BigInt(parseDate(eventDate) ?? 0) * microsPerDay;
    return { since: start, until: start + microsPerDay };
  }
  const window = {
    ...(since !== undefined && { since: moment('since', since) }),
    ...(until !== undefined && { until: moment('until', until) }),
  };
  if (window.since !== undefined && window.until !== undefined && window.since >= window.until)
    throw new Problem(400, `"since" (${since}) must be before "until" (${until})`);
  return window;
}

function moment(name: string, text: string): bigint {
  const micros = parseTime(text);
  if (micros === undefined)
    throw new Problem(
      400,
      `"${name}" must be a time such as 2026-01-31T12:00:00Z or a date; it is ${quoted(text)}`,
    );
  return micros;
}

/** Days by which an event may arrive before its own time, because its sender's clock may be ahead. */
const earlyDays = 1;

/**
 * Returns the range of wanted days: by default the last 31, including today; with one end only, as many days on its
 * other side.
 */
export function dateRange(
  { date, from, to, eventDate }: Pick<RawParameters, 'date' | 'from' | 'to' | 'eventDate'>,
  eventType: EventType,
  nowMs: number,
): { readonly from: LakeDate; readonly to: LakeDate } {
  if (eventDate !== undefined && from === undefined && to === undefined) {
    const firstDay = addDays(eventDate, -earlyDays);
    return dateRange({ from: firstDay }, eventType, nowMs);
  }
  if (date !== undefined) {
    if (from !== undefined || to !== undefined)
      throw new Problem(400, '"date" excludes "from" and "to"; give one day or a range');
    checkDate('date', date);
    return { from: date, to: date };
  }
  if (from !== undefined) checkDate('from', from);
  if (to !== undefined) checkDate('to', to);
  const today = lakeDate(nowMs);
  const lastDay =
    to ?? (from === undefined ? today : earlier(addDays(from, maxDays - 1), later(today, from)));
  const firstDay = from ?? addDays(lastDay, 1 - maxDays);
  if (firstDay > lastDay)
    throw new Problem(400, `"from" (${firstDay}) must not be after "to" (${lastDay})`);
  if (datesBetween(firstDay, lastDay).length > maxDays)
    throw new Problem(
      400,
      `"from" (${firstDay}) to "to" (${lastDay}) is more than ${maxDays} days; ask for less at a time, ` +
        `or for all of them with POST /v1/queries/${rowsByKeyName(eventType)} of the analytics API`,
    );
  return { from: firstDay, to: lastDay };
}

function checkDate(name: string, text: string): void {
  if (parseDate(text) === undefined)
    throw new Problem(400, `"${name}" must be a date such as 2026-01-31; it is ${quoted(text)}`);
}

const earlier = (a: LakeDate, b: LakeDate): LakeDate => (a < b ? a : b);
const later = (a: LakeDate, b: LakeDate): LakeDate => (a > b ? a : b);

/** The first and the last day that a date can express. */
const firstDate: LakeDate = '0000-01-01';
const lastDate: LakeDate = '9999-12-31';

/** Adds days to a date, but stops at the first and the last day that a date can express. */
function addDays(date: LakeDate, days: number): LakeDate {
  const ms = Date.parse(`${date}T00:00:00Z`) + days * msPerDay;
  return lakeDate(Math.min(Math.max(ms, Date.parse(firstDate)), Date.parse(lastDate)));
}

/** Returns the days from one to another, both inclusive; at most one more than {@link maxDays}. */
export function datesBetween(from: LakeDate, to: LakeDate): readonly LakeDate[] {
  const dates: LakeDate[] = [];
  for (let date = from; date <= to && dates.length <= maxDays; date = addDays(date, 1)) {
    dates.push(date);
    if (date === to) break;
  }
  return dates;
}
