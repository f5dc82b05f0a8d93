import type { LoadClock } from '../run-load';

/** A clock whose time passes only when all that can be done at a moment is done. */
export class FakeClock implements LoadClock {
  #nowMs = 0;
  readonly #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  readonly nowMs = (): number => this.#nowMs;

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      signal?.addEventListener('abort', wake);
      const atMs = this.#nowMs + ms;
      // Most sleep longest who lie down last.
      const before = this.#sleepers.findLastIndex((sleeper) => sleeper.atMs <= atMs);
      this.#sleepers.splice(before + 1, 0, { atMs, wake });
    });

  /** Lets time pass until something is done. */
  async run<Value>(work: Promise<Value>): Promise<Value> {
    const state = { isDone: false };
    const done = work.finally(() => (state.isDone = true));
    done.catch(() => undefined);
    for (;;) {
      // Everything that waits for no time goes on first.
      await new Promise((resolve) => void setImmediate(resolve));
      if (state.isDone) return done;
      const next = this.#sleepers.shift();
      if (next === undefined) throw new Error('it waits for something that never comes');
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
  }
}
