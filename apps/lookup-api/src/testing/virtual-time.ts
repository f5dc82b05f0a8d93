import type { Schedule } from '../hedging';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that jumps from one scheduled event to the next as soon as the work in between is done. */
export class VirtualTime {
  nowMs = 0;
  #events: Event[] = [];
  #scheduled = 0;

  readonly now = (): number => this.nowMs;

  readonly schedule: Schedule = (ms, callback) => {
    const event = { atMs: this.nowMs + ms, order: this.#scheduled++, run: callback };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((each) => each !== event);
    };
  };

  /** Waits some milliseconds; rejects early where the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.schedule(ms, resolve);
      signal?.addEventListener('abort', () => {
        cancel();
        reject(new Error('aborted'));
      });
    });
  }

  /** Lets time pass until the work is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const done = work.finally(() => (state.isDone = true));
    done.catch(() => undefined);
    for (;;) {
      // The consequences of the last event run first.
      await new Promise(setImmediate);
      if (state.isDone) return done;
      const [next] = this.#events.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order);
      if (!next) continue;
      this.#events = this.#events.filter((each) => each !== next);
      this.nowMs = next.atMs;
      next.run();
    }
  }
}
