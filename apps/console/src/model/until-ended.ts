export interface UntilEndedOptions<T> {
  readonly ask: () => Promise<T>;
  readonly hasEnded: (value: T) => boolean;
  /** Milliseconds between two questions. */
  readonly everyMs: number;
  /** Ends the waiting, for instance because the page is left. */
  readonly signal?: AbortSignal;
  /** Milliseconds for which questions may fail before the last error counts. @default 60,000 */
  readonly patienceMs?: number;
  readonly now?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
}

/**
 * Asks again and again until the work that is asked about has ended. One question that fails does not end this: a
 * stack restarts, a laptop sleeps, an API is throttled. An answer that says that the question is wrong does.
 *
 * @throws the last error after `patienceMs` of failed questions, an error of status 4xx at once, and what `signal` says
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

/** Decides whether an error is an answer that stays the same however often it is asked for; "too many requests" is not. */
function isRefusal(error: unknown): boolean {
  const { status } = error as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 429;
}
