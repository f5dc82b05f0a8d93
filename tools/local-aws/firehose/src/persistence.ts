import { backoffDelayMs } from '@sluice/waiting';

/** A step of a delivery stream that is failing. */
export interface DeliveryTrouble {
  readonly deliveryStream: string;
  /** The failing step, such as `storing <key>`. */
  readonly what: string;
  /** The error's own message. */
  readonly reason: string;
}

/**
 * Error for a delivery stream that could not deliver when asked to flush; all undelivered records are still in the
 * stream.
 */
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
  /** Returns milliseconds on a clock that never goes back. */
  readonly elapsedMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: (message: string, fields: Readonly<Record<string, string | number>>) => void;
  /** Called once when delivery has been failing for {@link reportAfterMs}; it continues to try. */
  readonly onStalled: (trouble: DeliveryTrouble) => void;
  /** Called once when a stalled delivery works again. */
  readonly onRecovered: () => void;
}

const firstBackoffMs = 200;
const maxBackoffMs = 10_000;

/** Milliseconds for which something must fail before it is reported; a throttle or a restart is over by then. */
const reportAfterMs = 2_500;

/** Milliseconds for which a flush waits for a failing step. */
const flushPatienceMs = 10_000;

/** Longest pause between two attempts while a flush waits, in milliseconds. */
const flushBackoffMs = 1_000;

/**
 * Makes a delivery stream try again after failures: holds its pauses, the current failure, and the flushes that wait
 * for it.
 */
export class Persistence {
  readonly #options: PersistenceOptions;
  readonly #troubles = new Map<string, { readonly sinceMs: number; isReported: boolean }>();
  #flushes: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #isStopping = false;
  /** Error because of which nothing is delivered until the next start; undefined while there is none. */
  #broken: DeliveryStalledError | undefined;
  /** Ends the current pause. */
  #wake: () => void = () => undefined;

  constructor(options: PersistenceOptions) {
    this.#options = options;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** True while a flush is waiting. */
  get isFlushing(): boolean {
    return this.#flushes.length > 0;
  }

  /**
   * Waits until {@link endFlushes} is called.
   *
   * @throws {@link DeliveryStalledError} after failures for {@link flushPatienceMs}
   */
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

  /**
   * Repeats an action until it succeeds, so that nothing is lost. Returns undefined where the stream stops before
   * that.
   */
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
    const bounds = { firstDelayMs: firstBackoffMs, maxDelayMs: longest };
    // Nobody else waits for the same thing, so that no jitter is needed.
    return backoffDelayMs(Math.max(1, attempts), bounds, 1);
  }

  /** Pauses for a time. Ends early where a flush or a stop is requested. */
  async pause(ms: number): Promise<void> {
    if (this.#isStopping) return;
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    await Promise.race([this.#options.sleep(ms), woken]);
  }

  failed(what: string, error: unknown): void {
    const { deliveryStream, log, elapsedMs, onStalled } = this.#options;
    log(`${what} failed; trying again`, { error: String(error) });
    const nowMs = elapsedMs();
    const known = this.#troubles.get(what) ?? { sinceMs: nowMs, isReported: false };
    this.#troubles.set(what, known);
    const trouble = { deliveryStream, what, reason: reasonOf(error) };
    const forMs = nowMs - known.sinceMs;
    if (forMs >= reportAfterMs && !known.isReported) {
      known.isReported = true;
      onStalled(trouble);
    }
    if (forMs >= flushPatienceMs) this.#rejectFlushes(new DeliveryStalledError(trouble));
  }

  succeeded(what: string): void {
    const known = this.#troubles.get(what);
    if (!known) return;
    this.#troubles.delete(what);
    if (known.isReported && [...this.#troubles.values()].every(({ isReported }) => !isReported))
      this.#options.onRecovered();
  }

  /**
   * Ends delivery after an unforeseen error, because continuing could move the checkpoint past records that were
   * lost.
   */
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
