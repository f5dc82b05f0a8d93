import { columnName, eventColumns, pathText, type EventType } from '@sluice/event-schema';
import { lakeDate, type LakeDate } from '@sluice/lake-layout';
import { parseTime } from '@sluice/values';

/** The time of an event, or the reason why it can't be determined. */
export type EventMoment =
  | { readonly ms: number }
  | { readonly code: 'no-time' | 'time-range'; readonly detail: string };

export interface EventMomentOptions {
  /** Path of the time, if it is not the one that the event type names. */
  readonly time?: string | undefined;
  /** Day of the events that have no time. */
  readonly date?: LakeDate | undefined;
  readonly now: () => number;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/**
 * Returns a function that reads the time of an event from its row (column → value): a time, a date, or a count since
 * 1970 whose unit follows from its size. An event of a day that has not begun yet, or before 1970, has no day in the
 * lake.
 *
 * @returns undefined where the event type has no such column and there is no day for events without a time
 */
export function eventMoments(
  eventType: EventType,
  { time = eventType.time, date, now }: EventMomentOptions,
): ((row: Readonly<Record<string, unknown>>) => EventMoment) | undefined {
  const column = eventColumns(eventType).find(
    ({ name, path }) =>
      time !== undefined && (pathText(path) === time || name === columnName([time])),
  );
  if (!column && (time !== undefined || date === undefined)) return undefined;
  const noonMs = date === undefined ? undefined : Date.parse(date) + 12 * hourMs;
  const missing = `it has no ${time ?? 'time'}, so that nobody knows its day`;
  return (row) => {
    const value = column && row[column.name];
    if (value === undefined || value === null)
      return noonMs === undefined ? { code: 'no-time', detail: missing } : { ms: noonMs };
    const ms = momentOf(value);
    if (ms === undefined) return { code: 'no-time', detail: `its ${time ?? 'time'} is no time` };
    if (ms < 0 || ms >= (Math.floor(now() / dayMs) + 1) * dayMs)
      return {
        code: 'time-range',
        detail: `its ${time ?? 'time'} is ${ms < 0 ? 'before 1970' : `on ${shownDay(ms)}, a day that has not begun`}`,
      };
    return { ms };
  };
}

const shownDay = (ms: number): string =>
  ms < 8.64e15 ? lakeDate(ms) : 'a day beyond all calendars';

function momentOf(value: unknown): number | undefined {
  const count = typeof value === 'number' ? value : Number(/^-?\d+$/.exec(String(value))?.[0]);
  if (Number.isFinite(count)) return countedMoment(count);
  const micros = typeof value === 'string' ? parseTime(value) : undefined;
  return micros === undefined ? undefined : Math.floor(Number(micros / 1_000n));
}

/** Reads a count as seconds, milliseconds, microseconds or nanoseconds: each unit covers 1973 to 5138. */
function countedMoment(count: number): number {
  const size = Math.abs(count);
  if (size < 1e11) return Math.floor(count * 1_000);
  if (size < 1e14) return Math.floor(count);
  return Math.floor(count / (size < 1e17 ? 1e3 : 1e6));
}
