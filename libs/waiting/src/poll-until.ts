export interface PollOptions {
  /** Milliseconds between the end of one call and the next. */
  readonly everyMs: number;
  /** Milliseconds after which no further call is made. @default Infinity */
  readonly withinMs?: number;
  /** Ends the wait at once; `ask` is then called once more. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `ask` until it returns an answer, at least once, and returns that answer. Returns undefined where the time is
 * up or the signal is aborted before that.
 *
 * @example
 * import { existsSync } from 'node:fs';
 * import { pollUntil } from '@sluice/waiting';
 * const isThere = await pollUntil(() => existsSync('ready') || undefined, { everyMs: 50, withinMs: 10_000 });
 * if (!isThere) throw new Error('it was not ready after 10 s');
 *
 * @param ask returns undefined as long as there is no answer
 * @throws what `ask` throws, at once
 */
export async function pollUntil<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  { everyMs, withinMs = Infinity, signal }: PollOptions,
): Promise<T | undefined> {
  const lastMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (signal?.aborted || performance.now() + everyMs > lastMs) return undefined;
    await pause(everyMs, signal);
  }
}

/** Waits for a time, or until the signal is aborted. Uses only what browsers have as well. */
const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end);
  });
