import type { TimestampDigits } from '@sluice/event-schema';

/**
 * What a date-time text became: `exact`; `inexact` where the column's type can't hold all of it, so that
 * the caller keeps the original beside it; `invalid`; `out-of-range` where UTC leaves the years 0 to 9999.
 */
export type TimestampOutcome = 'exact' | 'inexact' | 'invalid' | 'out-of-range';

const digitAt = (source: Uint8Array, at: number): number => {
  const digit = (source[at] as number) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : -1000_000;
};
// A byte that is no digit makes the sum negative, whatever stands beside it.
const twoDigits = (source: Uint8Array, at: number): number =>
  digitAt(source, at) * 10 + digitAt(source, at + 1);

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const daysIn = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
    ? 29
    : (monthDays[month - 1] ?? 0);

/** `full-date` of RFC 3339, section 5.6, with the days that the month has. */
export function isDate(source: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 10 || source[start + 4] !== 0x2d || source[start + 7] !== 0x2d) return false;
  const year = twoDigits(source, start) * 100 + twoDigits(source, start + 2);
  const month = twoDigits(source, start + 5);
  const day = twoDigits(source, start + 8);
  return year >= 0 && month >= 1 && day >= 1 && day <= daysIn(year, month);
}

/** Bytes of what {@link writeTimestamp} writes. */
export const timestampLength = (digits: TimestampDigits): number =>
  digits === 0 ? 19 : 20 + digits;

export const maxTimestampBytes = timestampLength(6);

/** `yyyy-MM-dd HH:mm:ss.SSS` of a moment, in UTC. */
export const utcText = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 23).replace('T', ' ');

/**
 * Writes a `date-time` of RFC 3339, section 5.6, as `yyyy-MM-dd HH:mm:ss[.SSS|.SSSSSS]` in UTC to `target`
 * from `at` on, without quotes. Fraction digits beyond `digits` are cut, never rounded.
 *
 * A leap second becomes the last moment of the second before it, as the column's type has none.
 * Only on `exact` and `inexact` does `target` hold a value.
 */
export function writeTimestamp(
  source: Uint8Array,
  start: number,
  end: number,
  digits: TimestampDigits,
  target: Uint8Array,
  at: number,
): TimestampOutcome {
  if (end - start < 20 || !isDate(source, start, start + 10)) return 'invalid';
  const separator = source[start + 10];
  if (separator !== 0x54 && separator !== 0x74 && separator !== 0x20) return 'invalid';
  if (source[start + 13] !== 0x3a || source[start + 16] !== 0x3a) return 'invalid';
  const hour = twoDigits(source, start + 11);
  const minute = twoDigits(source, start + 14);
  const second = twoDigits(source, start + 17);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return 'invalid';

  let zone = start + 19;
  let lost = false;
  const fraction = zone + 1;
  if (source[zone] === 0x2e) {
    zone++;
    while (digitAt(source, zone) >= 0) {
      if (zone - fraction >= digits && source[zone] !== 0x30) lost = true;
      zone++;
    }
    if (zone === fraction) return 'invalid';
  }
  const offsetMinutes = zoneOffsetMinutes(source, zone, end);
  if (offsetMinutes === undefined) return 'invalid';

  for (let index = 0; index < 19; index++) target[at + index] = source[start + index] as number;
  target[at + 10] = 0x20;
  if (offsetMinutes !== 0) {
    const shifted = shiftMinutes(source, start, hour * 60 + minute - offsetMinutes);
    if (shifted === undefined) return 'out-of-range';
    for (let index = 0; index < 16; index++) target[at + index] = shifted.charCodeAt(index);
  }
  const leap = second === 60;
  if (leap) {
    target[at + 17] = 0x35;
    target[at + 18] = 0x39;
  }
  if (digits > 0) {
    target[at + 19] = 0x2e;
    for (let index = 0; index < digits; index++) {
      const digit = source[fraction + index] as number;
      target[at + 20 + index] = leap ? 0x39 : fraction + index < zone ? digit : 0x30;
    }
  }
  return lost || leap ? 'inexact' : 'exact';
}

function zoneOffsetMinutes(source: Uint8Array, at: number, end: number): number | undefined {
  const sign = source[at];
  if (sign === 0x5a || sign === 0x7a) return at + 1 === end ? 0 : undefined;
  if ((sign !== 0x2b && sign !== 0x2d) || at + 6 !== end || source[at + 3] !== 0x3a)
    return undefined;
  const hours = twoDigits(source, at + 1);
  const minutes = twoDigits(source, at + 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  return (hours * 60 + minutes) * (sign === 0x2d ? -1 : 1);
}

const minutesOfDay = 24 * 60;
const pad = (value: number, width: number): string => value.toString().padStart(width, '0');

/** `yyyy-MM-dd HH:mm`, `minutes` after (or before) the midnight of the date in `source`. */
function shiftMinutes(source: Uint8Array, start: number, minutes: number): string | undefined {
  let year = twoDigits(source, start) * 100 + twoDigits(source, start + 2);
  let month = twoDigits(source, start + 5);
  let day = twoDigits(source, start + 8) + Math.floor(minutes / minutesOfDay);
  if (day < 1) {
    month = month === 1 ? 12 : month - 1;
    if (month === 12) year--;
    day = daysIn(year, month);
  } else if (day > daysIn(year, month)) {
    day = 1;
    month = month === 12 ? 1 : month + 1;
    if (month === 1) year++;
  }
  if (year < 0 || year > 9999) return undefined;
  const ofDay = (minutes + minutesOfDay) % minutesOfDay;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)} ${pad(Math.floor(ofDay / 60), 2)}:${pad(ofDay % 60, 2)}`;
}
