export interface PollOptions {
  /** Milliseconds between the end of a question and the next one. */
  readonly everyMs: number;
  /** Milliseconds after which no further question is asked. @default Infinity */
  readonly withinMs?: number;
  /** Ends the waiting at once; one more question is asked then. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a question until it has an answer, and returns that. It is asked once in any case. Returns undefined where the
 * time is over or the signal is aborted before there is an answer.
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
