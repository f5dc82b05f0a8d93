import { hash, timingSafeEqual } from 'node:crypto';

/** Sustained rate of requests, and the largest number that may come at once. */
export interface Throttle {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** A token bucket for each API key, as usage plans throttle. */
export class UsagePlan {
  readonly #buckets = new Map<string, { tokens: number; filledAtMs: number }>();

  constructor(
    readonly throttle: Throttle,
    readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Takes one request from a caller's allowance. @returns whether the request is admitted */
  admit(caller: string): boolean {
    const { requestsPerSecond, burst } = this.throttle;
    const now = this.nowMs();
    const bucket = this.#buckets.get(caller) ?? { tokens: burst, filledAtMs: now };
    const gained = ((now - bucket.filledAtMs) / 1000) * requestsPerSecond;
    const tokens = Math.min(burst, bucket.tokens + gained);
    this.#buckets.set(caller, { tokens: tokens < 1 ? tokens : tokens - 1, filledAtMs: now });
    return tokens >= 1;
  }
}

/** A key of an API, with the id by which logs and functions know it. */
export interface ApiKey {
  readonly id?: string;
  readonly value: string;
}

/** Returns a function that finds an API key by its value and takes equally long for wrong and for right ones. */
export function apiKeyFinder(apiKeys: readonly ApiKey[]): (value: string) => ApiKey | undefined {
  const known = apiKeys.map((key) => ({ key, digest: digest(key.value) }));
  return (value) => {
    const given = digest(value);
    return known.reduce<ApiKey | undefined>(
      (found, other) => (timingSafeEqual(given, other.digest) ? other.key : found),
      undefined,
    );
  };
}

const digest = (key: string): Buffer => hash('sha256', key, 'buffer');
