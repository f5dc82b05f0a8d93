// Reads times as bytes of UTF-8. The flattener does this for each event, so nothing is allocated that the caller did
// not ask for.
import type { TimestampDigits } from './value-type';

/**
 * Result of writing a date-time text: `exact`; `inexact` where the column's type can't hold all of it, so that the
 * caller keeps the original as well; `invalid`; `out-of-range` where the time in UTC is outside the years 0000 to
 * 9999.
 */
export type TimestampOutcome = 'exact' | 'inexact' | 'invalid' | 'out-of-range';

const digitAt = (source: Uint8Array, at: number): number => {
  const digit = (source[at] as number) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : -1000_000;
};
// A byte that is no digit makes the sum negative, whatever the other byte is.
const twoDigits = (source: Uint8Array, at: number): number =>
  digitAt(source, at) * 10 + digitAt(source, at + 1);

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const daysIn = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
    ? 29
    : (monthDays[month - 1] ?? 0);

/** Decides whether bytes are a `full-date` of RFC 3339, section 5.6, on a day that the month has. */
export function isDateAt(source: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 10 || source[start + 4] !== 0x2d || source[start + 7] !== 0x2d) return false;
  const year = twoDigits(source, start) * 100 + twoDigits(source, start + 2);
  const month = twoDigits(source, start + 5);
  const day = twoDigits(source, start + 8);
  return year >= 0 && month >= 1 && day >= 1 && day <= daysIn(year, month);
}

/** The parts of a time that follow its date. One object is reused for all times. */
export class TimeScan {
  hour = 0;
  minute = 0;
  /** Seconds, 60 in a leap second. */
  second = 0;
  /**
   * Index of the first digit after the point, and of the byte after the last digit; equal where there is no fraction.
   */
  fractionStart = 0;
  fractionEnd = 0;
  hasZone = false;
  /** Minutes by which the zone is ahead of UTC; 0 without a zone. */
  offsetMinutes = 0;
}

/**
 * Reads a `date-time` of RFC 3339, section 5.6, from `start` to `end` (exclusive). The zone may be missing.
 *
 * @returns false where the bytes are not a time; `parts` must not be used then
 */
export function scanTime(source: Uint8Array, start: number, end: number, parts: TimeScan): boolean {
  if (end - start < 19 || !isDateAt(source, start, start + 10)) return false;
  const separator = source[start + 10];
  if (separator !== 0x54 && separator !== 0x74 && separator !== 0x20) return false;
  if (source[start + 13] !== 0x3a || source[start + 16] !== 0x3a) return false;
  const hour = twoDigits(source, start + 11);
  const minute = twoDigits(source, start + 14);
  const second = twoDigits(source, start + 17);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  let zone = start + 19;
  parts.hour = hour;
  parts.minute = minute;
  parts.second = second;
  parts.fractionStart = zone;
  if (zone < end && source[zone] === 0x2e) {
    parts.fractionStart = ++zone;
    while (zone < end && digitAt(source, zone) >= 0) zone++;
    if (zone === parts.fractionStart) return false;
  }
  parts.fractionEnd = zone;
  parts.hasZone = zone < end;
  parts.offsetMinutes = parts.hasZone ? zoneOffsetMinutes(source, zone, end) : 0;
  return parts.offsetMinutes !== noZone;
}

/** Result of reading an offset from bytes that are not a zone. */
const noZone = -1_000_000;

function zoneOffsetMinutes(source: Uint8Array, at: number, end: number): number {
  const sign = source[at];
  if (sign === 0x5a || sign === 0x7a) return at + 1 === end ? 0 : noZone;
  if ((sign !== 0x2b && sign !== 0x2d) || at + 6 !== end || source[at + 3] !== 0x3a) return noZone;
  const hours = twoDigits(source, at + 1);
  const minutes = twoDigits(source, at + 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return noZone;
  return (hours * 60 + minutes) * (sign === 0x2d ? -1 : 1);
}

/** Returns how many bytes {@link writeTimestamp} writes. */
export const timestampLength = (digits: TimestampDigits): number =>
  digits === 0 ? 19 : 20 + digits;

export const maxTimestampBytes = timestampLength(6);

const scan = new TimeScan();

/**
 * Writes a `date-time` of RFC 3339, section 5.6, as `yyyy-MM-dd HH:mm:ss[.SSS|.SSSSSS]` in UTC to `target`, starting
 * at `at`, without quotes. Fraction digits beyond `digits` are cut off, never rounded.
 *
 * A leap second becomes the last moment of the second before it, because the column's type has no leap seconds.
 * `target` holds a value only if the result is `exact` or `inexact`.
 */
export function writeTimestamp(
  source: Uint8Array,
  start: number,
  end: number,
  digits: TimestampDigits,
  target: Uint8Array,
  at: number,
): TimestampOutcome {
  if (!scanTime(source, start, end, scan) || !scan.hasZone) return 'invalid';
  const { fractionStart, fractionEnd, offsetMinutes } = scan;
  for (let index = 0; index < 19; index++) target[at + index] = source[start + index] as number;
  target[at + 10] = 0x20;
  if (offsetMinutes !== 0) {
    const shifted = shiftMinutes(source, start, scan.hour * 60 + scan.minute - offsetMinutes);
    if (shifted === undefined) return 'out-of-range';
    for (let index = 0; index < 16; index++) target[at + index] = shifted.charCodeAt(index);
  }
  const leap = scan.second === 60;
  if (leap) {
    target[at + 17] = 0x35;
    target[at + 18] = 0x39;
  }
  if (digits > 0) {
    target[at + 19] = 0x2e;
    for (let index = 0; index < digits; index++) {
      const from = fractionStart + index;
      target[at + 20 + index] = leap ? 0x39 : from < fractionEnd ? (source[from] as number) : 0x30;
    }
  }
  return leap || isCut(source, fractionStart + digits, fractionEnd) ? 'inexact' : 'exact';
}

/** Decides whether any digit that is cut off is not 0. */
function isCut(source: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (source[at] !== 0x30) return true;
  return false;
}

const minutesOfDay = 24 * 60;
const pad = (value: number, width: number): string => value.toString().padStart(width, '0');

/**
 * Writes `yyyy-MM-dd HH:mm` for the time that is `minutes` after (or, if negative, before) the midnight of the date
 * in `source`.
 */
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
