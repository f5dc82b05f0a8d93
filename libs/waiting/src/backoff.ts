export interface BackoffOptions {
  /** Upper bound of the wait after the first failure, in milliseconds. */
  readonly firstDelayMs: number;
  /** Upper bound of the wait after any failure, in milliseconds. */
  readonly maxDelayMs: number;
}

/**
 * Returns the milliseconds to wait before the next attempt: random, up to a bound that doubles with each failure, so
 * that clients that failed together do not return together ("full jitter";
 * aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
 *
 * @example
 * import { backoffDelayMs } from '@sluice/waiting';
 * const bounds = { firstDelayMs: 200, maxDelayMs: 5_000 };
 * backoffDelayMs(3, bounds, Math.random()); // below 800
 *
 * @param failures so far, from 1
 * @param random from 0 (inclusive) to 1 (exclusive); 1 for the bound itself, where nobody else waits
 */
export const backoffDelayMs = (
  failures: number,
  { firstDelayMs, maxDelayMs }: BackoffOptions,
  random: number,
): number => random * Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1));
