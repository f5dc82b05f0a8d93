// A separate entry point (@sluice/lake-layout/testing/faulty-store): stores that fail or are interrupted at one call,
// for tests.
import type { GetOptions, ListOptions, ObjectStore, PutOptions } from './object-store';

export class InjectedFault extends Error {}

/** A store over another one that runs an action before and after each call. */
abstract class WrappedStore implements ObjectStore {
  calls = 0;

  constructor(private readonly inner: ObjectStore) {}

  /** Runs before a call. @param call its number, from 1 */
  protected abstract before(call: number): Promise<void> | void;
  protected abstract after(call: number): Promise<void> | void;

  async *list(prefix: string, options?: ListOptions) {
    const call = ++this.calls;
    await this.before(call);
    yield* this.inner.list(prefix, options);
    await this.after(call);
  }

  get = (key: string, options?: GetOptions) => this.#run(() => this.inner.get(key, options));

  put = (key: string, bytes: Uint8Array, options?: PutOptions) =>
    this.#run(() => this.inner.put(key, bytes, options));

  delete = (keys: readonly string[]) => this.#run(() => this.inner.delete(keys));

  async #run<T>(operation: () => Promise<T>): Promise<T> {
    const call = ++this.calls;
    await this.before(call);
    const result = await operation().catch(async (error: unknown) => {
      // The answer is lost even if it was a refusal.
      await this.after(call);
      throw error;
    });
    await this.after(call);
    return result;
  }
}

/** A store that fails at one call, before or after the call took effect. */
export class FaultyStore extends WrappedStore {
  constructor(
    inner: ObjectStore,
    private readonly failingCall: number,
    private readonly afterEffect: boolean,
  ) {
    super(inner);
  }

  protected before(call: number): void {
    if (!this.afterEffect) this.#failAt(call);
  }

  protected after(call: number): void {
    if (this.afterEffect) this.#failAt(call);
  }

  #failAt(call: number): void {
    if (call === this.failingCall) throw new InjectedFault(`call ${call} failed`);
  }
}

/** A store of a process that dies at one call, before or after the call took effect: every later one fails too. */
export class DyingStore extends WrappedStore {
  constructor(
    inner: ObjectStore,
    private readonly lastCall: number,
    private readonly afterEffect: boolean,
  ) {
    super(inner);
  }

  /** Whether the process has died. */
  get died(): boolean {
    return this.calls >= this.lastCall;
  }

  protected before(call: number): void {
    this.#failFrom(call, this.afterEffect ? this.lastCall + 1 : this.lastCall);
  }

  protected after(call: number): void {
    this.#failFrom(call, this.lastCall);
  }

  #failFrom(call: number, first: number): void {
    if (call >= first) throw new InjectedFault(`the process died at call ${this.lastCall}`);
  }
}

/** A store that runs an action before one call. */
export class InterruptedStore extends WrappedStore {
  constructor(
    inner: ObjectStore,
    private readonly interruptedCall: number,
    private readonly interrupt: () => Promise<void>,
  ) {
    super(inner);
  }

  protected async before(call: number): Promise<void> {
    if (call === this.interruptedCall) await this.interrupt();
  }

  protected after(): void {
    // Nothing to do.
  }
}
