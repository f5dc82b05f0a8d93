/** What a delivery stream can't do at the moment. */
export interface DeliveryTrouble {
  readonly deliveryStream: string;
  /** Such as `storing <key>`. */
  readonly what: string;
  /** The error's own words. */
  readonly reason: string;
}

/** A delivery stream could not deliver what it was to flush; all of it is still in the stream. */
export class DeliveryStalledError extends Error {
  override readonly name = 'DeliveryStalledError';
  constructor(readonly trouble: DeliveryTrouble) {
    super(
      `the delivery stream ${trouble.deliveryStream} can't go on: ${trouble.what} failed (${trouble.reason})`,
    );
  }
}

export interface PersistenceOptions {
  readonly deliveryStream: string;
  /** Milliseconds on a clock that only goes forward. */
  readonly elapsedMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: (message: string, fields: Readonly<Record<string, string | number>>) => void;
  /** Called once when the stream can't go on, after {@link tellAfterMs}; it goes on trying. */
  readonly onStalled: (trouble: DeliveryTrouble) => void;
  /** Called once when it goes on after all. */
  readonly onRecovered: () => void;
}

const firstBackoffMs = 200;
const maxBackoffMs = 10_000;

/** How long something fails before a person is told: a throttle or a restart is over by then. */
const tellAfterMs = 2_500;

/** How long a flush waits for something that fails. */
const flushPatienceMs = 10_000;

/** Longest pause between two attempts while somebody waits for a flush. */
const flushBackoffMs = 1_000;

/** Keeps a delivery stream trying: its pauses, what fails at the moment, and the flushes that wait for it. */
export class Persistence {
  readonly #options: PersistenceOptions;
  readonly #troubles = new Map<string, { readonly sinceMs: number; isTold: boolean }>();
  #flushes: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #isStopping = false;
  /** Why it delivers no more until the next start, where that is so. */
  #broken: DeliveryStalledError | undefined;
  /** Ends the pause under way. */
  #wake: () => void = () => undefined;

  constructor(options: PersistenceOptions) {
    this.#options = options;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Whether somebody waits for a flush. */
  get isFlushing(): boolean {
    return this.#flushes.length > 0;
  }

  /** Waits until {@link endFlushes}. @throws {@link DeliveryStalledError} after {@link flushPatienceMs} of trouble */
  async flush(): Promise<void> {
    if (this.#broken) throw this.#broken;
    await new Promise<void>((resolve, reject) => {
      this.#flushes.push({ resolve, reject });
      this.#wake();
    });
  }

  endFlushes(): void {
    for (const { resolve } of this.#flushes.splice(0)) resolve();
  }

  stop(): void {
    this.#isStopping = true;
    this.#wake();
  }

  /** Tries until it works or the stream stops, which gives undefined: nothing may be lost meanwhile. */
  async insist<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    for (let attempts = 1; ; attempts++) {
      try {
        const result = await act();
        this.succeeded(what);
        return result;
      } catch (error) {
        this.failed(what, error);
      }
      if (this.#isStopping) return undefined;
      await this.pause(this.backoffMs(attempts));
    }
  }

  backoffMs(attempts: number): number {
    const longest = this.isFlushing ? flushBackoffMs : maxBackoffMs;
    return Math.min(firstBackoffMs * 2 ** Math.max(0, attempts - 1), longest);
  }

  /** Ends early where somebody wants a flush or the end. */
  async pause(ms: number): Promise<void> {
    if (this.#isStopping) return;
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    await Promise.race([this.#options.sleep(ms), woken]);
  }

  failed(what: string, error: unknown): void {
    const { deliveryStream, log, elapsedMs, onStalled } = this.#options;
    log(`${what} failed; trying again`, { error: String(error) });
    const nowMs = elapsedMs();
    const known = this.#troubles.get(what) ?? { sinceMs: nowMs, isTold: false };
    this.#troubles.set(what, known);
    const trouble = { deliveryStream, what, reason: reasonOf(error) };
    const forMs = nowMs - known.sinceMs;
    if (forMs >= tellAfterMs && !known.isTold) {
      known.isTold = true;
      onStalled(trouble);
    }
    if (forMs >= flushPatienceMs) this.#rejectFlushes(new DeliveryStalledError(trouble));
  }

  succeeded(what: string): void {
    const known = this.#troubles.get(what);
    if (!known) return;
    this.#troubles.delete(what);
    if (known.isTold && [...this.#troubles.values()].every(({ isTold }) => !isTold))
      this.#options.onRecovered();
  }

  /** Ends the delivery over what was not foreseen: going on could move the checkpoint past records that were lost. */
  breakDown(error: unknown): void {
    const { deliveryStream, log, onStalled } = this.#options;
    const reason = reasonOf(error);
    const trouble = { deliveryStream, what: 'delivering', reason };
    log('the delivery broke down; the next start goes on', {
      error: error instanceof Error ? (error.stack ?? reason) : reason,
    });
    this.#broken = new DeliveryStalledError(trouble);
    onStalled(trouble);
    this.#rejectFlushes(this.#broken);
  }

  #rejectFlushes(error: Error): void {
    for (const { reject } of this.#flushes.splice(0)) reject(error);
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
