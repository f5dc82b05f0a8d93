export interface BackoffOptions {
  /** Upper bound of the wait after the first failure, in milliseconds. */
  readonly firstDelayMs: number;
  /** Upper bound of the wait after any failure, in milliseconds. */
  readonly maxDelayMs: number;
}

/**
 * Returns the milliseconds to wait before the next attempt: random, up to a bound that doubles with each failure
 * ("full jitter"; aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter). The time that the server asked
 * for is a minimum, with some jitter on top so that clients do not all return at once.
 *
 * @param failures so far, from 1
 * @param random from 0 (inclusive) to 1 (exclusive)
 */
export function backoffDelayMs(
  failures: number,
  retryAfterMs: number | undefined,
  random: number,
  { firstDelayMs, maxDelayMs }: BackoffOptions,
): number {
  const bound = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(failures - 1, 30));
  return (retryAfterMs ?? 0) + random * bound;
}

/**
 * Reads `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3), as milliseconds from `nowMs`; undefined
 * where it is missing or unreadable.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
