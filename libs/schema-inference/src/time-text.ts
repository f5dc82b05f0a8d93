import type { TimestampDigits } from '@sluice/event-schema';

const timestampPattern = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d{3}|\d{6}))?Z$/;
const datePattern = /^(\d{4})-(\d\d)-(\d\d)$/;

/** A day of the calendar as `YYYY-MM-DD`, from year 1 on. */
export function isDate(text: string): boolean {
  const match = datePattern.exec(text);
  if (!match) return false;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day <= days;
}

/**
 * Fraction digits of an RFC 3339 time in UTC that a timestamp column gives back as it was: `Z`, no leap second, 0, 3 or 6
 * digits. Anything else is undefined.
 */
export function timestampDigitsOf(text: string): TimestampDigits | undefined {
  const match = timestampPattern.exec(text);
  if (!match || !isDate(match[1] ?? '')) return undefined;
  const digits = match[3]?.length ?? 0;
  return digits === 3 || digits === 6 ? digits : 0;
}
