import { exactTimeDigits, parseTime, readTime, timeText } from '@sluice/values';

/**
 * Converts a time to RFC 3339, from that format or from `2026-01-31 12:00:00[.123456]`, which databases write; in UTC
 * where the text names no zone. Returns undefined for any other text.
 */
export function timeInUtc(text: string): string | undefined {
  const time = readTime(text);
  const micros = parseTime(text);
  if (!time || micros === undefined) return undefined;
  if (time.offsetMinutes !== undefined && !text.endsWith('Z')) return undefined;
  const digits = time.fraction.length > 3 ? 6 : time.fraction.length > 0 ? 3 : 0;
  const utc = timeText(micros, 'micros', digits);
  return exactTimeDigits(utc) === undefined ? undefined : utc;
}

export const isBooleanText = (text: string): boolean => /^(?:true|false)$/i.test(text);
