export interface UntilEndedOptions<T> {
  readonly ask: () => Promise<T>;
  readonly hasEnded: (value: T) => boolean;
  /** Milliseconds between two requests. */
  readonly everyMs: number;
  /** Ends the wait, for instance because the page is left. */
  readonly signal?: AbortSignal;
  /** Milliseconds for which requests may fail before the last error is thrown. @default 60,000 */
  readonly patienceMs?: number;
  readonly now?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
}

/**
 * Polls the state of some work until it has ended. A single failed request does not end this, because a stack may
 * restart, a laptop sleep, or an API throttle; an answer that refuses the request does.
 *
 * @throws the last error after `patienceMs` of failed requests, an error of status 4xx at once, and what `signal`
 * says
 */
export async function untilEnded<T>({
  ask,
  hasEnded,
  everyMs,
  signal,
  patienceMs = 60_000,
  now = Date.now,
  wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: UntilEndedOptions<T>): Promise<T> {
  let answeredMs = now();
  for (;;) {
    await wait(everyMs);
    signal?.throwIfAborted();
    try {
      const value = await ask();
      answeredMs = now();
      if (hasEnded(value)) return value;
    } catch (error) {
      if (isRefusal(error) || now() - answeredMs >= patienceMs) throw error;
    }
  }
}

/** Decides whether an error is a final answer, which "too many requests" is not. */
function isRefusal(error: unknown): boolean {
  const { status } = error as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 429;
}
