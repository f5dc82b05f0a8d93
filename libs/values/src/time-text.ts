// Converts moments to text and back. Days, seconds and their fractions count from 1970-01-01 in UTC, in the proleptic
// Gregorian calendar.
import { isDateAt, scanTime, TimeScan } from './time-scan';
import type { TimestampDigits } from './value-type';

/** Unit in which a file counts times. */
export type TimeUnit = 'seconds' | 'millis' | 'micros' | 'nanos';

const unitsPerSecond: Readonly<Record<TimeUnit, bigint>> = {
  seconds: 1n,
  millis: 1_000n,
  micros: 1_000_000n,
  nanos: 1_000_000_000n,
};

const secondsPerDay = 86_400;
const msPerDay = 86_400_000;
/**
 * Years after which the calendar repeats. Days are reduced by whole cycles, because JavaScript's Date can't hold all
 * of them.
 */
const cycleYears = 400;
const cycleDays = 146_097;
/** Days from 0000-03-01 to 1970-01-01. */
const daysFromMarch = 719_468;

/** Divides and rounds towards the past (negative infinity), where BigInt's own division rounds towards zero. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

/** Converts a time to microseconds since 1970, rounded towards the past. */
export const microsOf = (value: bigint, unit: TimeUnit): bigint =>
  unit === 'nanos'
    ? floorDivide(value, 1_000n)
    : value * (unitsPerSecond.micros / unitsPerSecond[unit]);

/**
 * Counts the days from 1970-01-01 to a day of any year.
 *
 * @param month 1 is January, 13 is January of the next year
 */
export function daysOf(year: number, month: number, day: number): number {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const cycles = Math.floor(year / cycleYears) - 5;
  return Date.UTC(year - cycles * cycleYears, month - 1, day) / msPerDay + cycles * cycleDays;
}

let lastDays = 0;
let lastDate = '1970-01-01';

/**
 * Writes a day as `2026-01-31`. Years before 0000 and after 9999 have a sign and at least six digits, as in ISO 8601:
 * `+010000-01-31`, `-000001-12-31`.
 *
 * @param days since 1970
 */
export function dateText(days: number): string {
  if (days === lastDays) return lastDate;
  // "civil_from_days" of https://howardhinnant.github.io/date_algorithms.html: years begin in March, so that leap days come last.
  const fromMarch = days + daysFromMarch;
  const cycles = Math.floor(fromMarch / cycleDays);
  const dayOfCycle = fromMarch - cycles * cycleDays;
  const leapDays =
    Math.floor(dayOfCycle / 1_460) -
    Math.floor(dayOfCycle / 36_524) +
    Math.floor(dayOfCycle / 146_096);
  const yearOfCycle = Math.floor((dayOfCycle - leapDays) / 365);
  const dayOfYear =
    dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfCycle + cycles * cycleYears + (month <= 2 ? 1 : 0);
  lastDate = `${yearText(year)}-${twoDigits(month)}-${twoDigits(day)}`;
  lastDays = days;
  return lastDate;
}

const yearText = (year: number): string =>
  year >= 0 && year <= 9999
    ? String(year).padStart(4, '0')
    : `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;

const twoDigits = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** Writes the time of day: `12:00:00.123`. */
const clockText = (secondOfDay: number, fraction: string): string => {
  const minutes = Math.floor(secondOfDay / 60);
  const clock = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(secondOfDay % 60)}`;
  return fraction === '' ? clock : `${clock}.${fraction}`;
};

/** Returns the date and the time of day of a moment, cut to `digits` digits of a second. */
function dateAndClock(value: bigint, unit: TimeUnit, digits: number): readonly [string, string] {
  const perSecond = unitsPerSecond[unit];
  const seconds = floorDivide(value, perSecond);
  const days = floorDivide(seconds, BigInt(secondsPerDay));
  const nanos = (value - seconds * perSecond) * (unitsPerSecond.nanos / perSecond);
  const fraction = digits === 0 ? '' : String(nanos).padStart(9, '0').slice(0, digits);
  return [
    dateText(Number(days)),
    clockText(Number(seconds) - Number(days) * secondsPerDay, fraction),
  ];
}

/**
 * Writes a moment in UTC as `2026-01-31T12:00:00.123Z`, as answers do.
 *
 * @example
 * import { timeText } from '@sluice/values';
 * timeText(1_769_860_800_123n, 'millis', 3); // '2026-01-31T12:00:00.123Z'
 *
 * @param digits of a second, 0 to 9; further ones are cut, never rounded
 */
export function timeText(value: bigint, unit: TimeUnit, digits: number): string {
  const [date, clock] = dateAndClock(value, unit, digits);
  return `${date}T${clock}Z`;
}

/** Writes a moment in UTC as `2026-01-31 12:00:00.123`, as rows, manifests and SQL engines do. */
export function sqlTimeText(value: bigint, unit: TimeUnit, digits: number): string {
  const [date, clock] = dateAndClock(value, unit, digits);
  return `${date} ${clock}`;
}

/** Writes milliseconds as {@link sqlTimeText} does, with three digits, but faster, because every record needs it. */
export function sqlTimeOfMillis(ms: number): string {
  const days = Math.floor(ms / msPerDay);
  const ofDay = ms - days * msPerDay;
  const fraction = String(ofDay % 1_000).padStart(3, '0');
  return `${dateText(days)} ${clockText(Math.floor(ofDay / 1_000), fraction)}`;
}

/**
 * Writes a time of day as `12:00:00.123`.
 *
 * @param digits of a second, 0 to 9
 */
export const timeOfDayText = (value: bigint, unit: TimeUnit, digits: number): string =>
  dateAndClock(value, unit, digits)[1];

/** Length of the longest text that is examined; one with nine digits and a zone has 35 characters. */
const maxTimeCharacters = 64;
const scratch = new Uint8Array(maxTimeCharacters * 3);
const encoder = new TextEncoder();

/** Copies a text to where the scanner reads it. @returns its end, or 0 where it is too long to be a time */
const load = (text: string): number =>
  text.length > maxTimeCharacters ? 0 : encoder.encodeInto(text, scratch).written;

/** Reads `2026-01-31` as days since 1970; undefined where the calendar has no such day. */
export function parseDate(text: string): number | undefined {
  const end = load(text);
  return isDateAt(scratch, 0, end) ? dayNumber(text) : undefined;
}

/** Counts the days from 1970-01-01 to the date of a text. @param text begins with a valid `yyyy-MM-dd` */
const dayNumber = (text: string): number =>
  daysOf(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10)));

/** A time as its text has it. */
export interface WrittenTime {
  /**
   * Seconds from 1970-01-01T00:00:00 to the written time, ignoring its zone. A leap second counts as the 60th second
   * of its minute.
   */
  readonly seconds: number;
  /** All digits after the point. */
  readonly fraction: string;
  readonly isLeapSecond: boolean;
  /** Minutes by which the zone is ahead of UTC; undefined where the text names no zone. */
  readonly offsetMinutes: number | undefined;
}

const scan = new TimeScan();

/**
 * Reads a time as RFC 3339 writes it (section 5.6); the zone may be missing. A caller that does not accept leap
 * seconds, further digits or a missing zone has to check for them. Returns undefined for any other text.
 */
export function readTime(text: string): WrittenTime | undefined {
  const end = load(text);
  if (!scanTime(scratch, 0, end, scan)) return undefined;
  const { hour, minute, second, fractionStart, fractionEnd, hasZone, offsetMinutes } = scan;
  return {
    seconds: dayNumber(text) * secondsPerDay + hour * 3_600 + minute * 60 + second,
    fraction: text.slice(fractionStart, fractionEnd),
    isLeapSecond: second === 60,
    offsetMinutes: hasZone ? offsetMinutes : undefined,
  };
}

/**
 * Reads a date or a time as microseconds since 1970: ISO 8601 with `T` or a space, up to six digits of a second, in
 * UTC unless it has an offset. Returns undefined for anything else, and for leap seconds, which no column holds.
 */
export function parseTime(text: string): bigint | undefined {
  const time = readTime(text) ?? readTime(`${text.slice(0, 10)}T00:00:00${text.slice(10)}`);
  if (!time || time.isLeapSecond || time.fraction.length > 6) return undefined;
  const seconds = time.seconds - (time.offsetMinutes ?? 0) * 60;
  return BigInt(seconds) * unitsPerSecond.micros + BigInt(time.fraction.padEnd(6, '0'));
}

/**
 * Decides whether every engine gives a date back exactly as the text has it. False for the year 0, which some engines
 * lack.
 */
export const isExactDate = (text: string): boolean =>
  parseDate(text) !== undefined && !text.startsWith('0000');

/**
 * Returns the digits with which a timestamp column gives a text back exactly: RFC 3339 in UTC with `T` and `Z`, no
 * leap second, and 0, 3 or 6 digits. Returns undefined for any other text, and for the year 0, which some engines
 * lack.
 */
export function exactTimeDigits(text: string): TimestampDigits | undefined {
  const digits = digitsByLength[text.length];
  if (digits === undefined || text.startsWith('0000')) return undefined;
  const time = readTime(text);
  if (!time || time.isLeapSecond) return undefined;
  return text[10] === 'T' && text.endsWith('Z') ? digits : undefined;
}

/** Number of fraction digits by the length of the text: `2026-01-31T12:00:00Z`, and the same with a fraction. */
const digitsByLength: Readonly<Record<number, TimestampDigits>> = { 20: 0, 24: 3, 27: 6 };
