export interface RunOnChangeOptions {
  /** Does the work for one thing that changed. It handles its own errors, and must not reject. */
  readonly run: (name: string) => Promise<void>;
  /** Milliseconds without a change after which the work begins. @default 500 */
  readonly quietMs?: number;
  /** Milliseconds after which the work begins even if changes continue. @default 30,000 */
  readonly maxWaitMs?: number;
}

/** Runs work for changed things: shortly after the last change, one at a time, and never twice for one change. */
export class RunOnChange {
  readonly #options: Required<RunOnChangeOptions>;
  /** Things that changed and wait for their work, by name. */
  readonly #waiting = new Map<string, { readonly firstMs: number; lastMs: number }>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor({ run, quietMs = 500, maxWaitMs = 30_000 }: RunOnChangeOptions) {
    this.#options = { run, quietMs, maxWaitMs };
  }

  changed(name: string): void {
    if (this.#isStopped) return;
    const nowMs = performance.now();
    const known = this.#waiting.get(name);
    if (known) known.lastMs = nowMs;
    else this.#waiting.set(name, { firstMs: nowMs, lastMs: nowMs });
    this.#arm();
  }

  /** Does the waiting work now, and resolves when nothing is left to do. */
  async settle(): Promise<void> {
    for (;;) {
      await this.#running;
      const [name] = this.#waiting.keys();
      if (name === undefined || this.#isStopped) return;
      await this.#start(name);
    }
  }

  /** Begins no further work; resolves when running work has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#isStopped || this.#running || this.#waiting.size === 0) return;
    const { quietMs, maxWaitMs } = this.#options;
    const due = [...this.#waiting].map(([name, { firstMs, lastMs }]) => ({
      name,
      dueMs: Math.min(lastMs + quietMs, firstMs + maxWaitMs),
    }));
    const [next] = due.sort((a, b) => a.dueMs - b.dueMs);
    if (!next) return;
    this.#timer = setTimeout(
      () => void this.#start(next.name),
      Math.max(0, next.dueMs - performance.now()),
    );
  }

  #start(name: string): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#running) return this.#running;
    this.#waiting.delete(name);
    this.#running = this.#options.run(name).finally(() => {
      this.#running = undefined;
      this.#arm();
    });
    return this.#running;
  }
}
