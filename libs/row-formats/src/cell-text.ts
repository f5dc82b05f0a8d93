import type { TimestampDigits } from '@sluice/event-schema';

const msPerDay = 86_400_000;
const microsPerSecond = 1_000_000n;

/** `2026-01-31` → days since 1970. Undefined where it is no date. */
export function parseDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) return undefined;
  return ms / msPerDay;
}

export const dateText = (days: number): string => {
  const date = new Date(days * msPerDay);
  return Number.isNaN(date.getTime()) ? `${days} days` : date.toISOString().slice(0, 10);
};

const timestampPattern =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?)?(Z|z|[+-]\d{2}:\d{2})?$/;

/** ISO 8601, with `T` or a space, UTC unless it has an offset → microseconds since 1970. */
export function parseTimestamp(text: string): bigint | undefined {
  const match = timestampPattern.exec(text);
  if (!match) return undefined;
  const [, date = '', time = '00:00:00', fraction = '', zone = 'Z'] = match;
  if (parseDate(date) === undefined) return undefined;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

/** Microseconds since 1970 → `2026-01-31T12:00:00.123Z`, cut to the column's digits. */
export function timestampText(micros: bigint, digits: TimestampDigits): string {
  const fraction = ((micros % microsPerSecond) + microsPerSecond) % microsPerSecond;
  const seconds = (micros - fraction) / microsPerSecond;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `${micros} µs`;
  const whole = date.toISOString().replace(/\.\d+Z$/, '');
  if (digits === 0) return `${whole}Z`;
  return `${whole}.${String(fraction).padStart(6, '0').slice(0, digits)}Z`;
}

/** `1.5` at scale 2 → 150n. Undefined where it is no number or has more decimals than the scale. */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const match = /^(-?)(\d{1,38})(?:\.(\d{1,38}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > scale) return undefined;
  return BigInt(sign + whole + digits.padEnd(scale, '0'));
}

/** 150n at scale 2 → `1.50`. */
export function decimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
