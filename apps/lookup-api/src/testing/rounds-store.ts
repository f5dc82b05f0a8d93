import { getEventListeners, getMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  GetOptions,
  ListOptions,
  ObjectInfo,
  ObjectStore,
  StoredObject,
} from '@sluice/lake-layout';

/**
 * An object store that answers a moment later, and counts successive round trips: a request belongs to the round
 * after the last answer that arrived before it was made.
 */
export class RoundsStore implements Pick<ObjectStore, 'list' | 'get'> {
  rounds = 0;
  requests = 0;
  bytes = 0;
  /** Number of listeners of one signal, if there were so many that Node warned. */
  warnedListeners = 0;

  constructor(private readonly store: Pick<ObjectStore, 'list' | 'get'>) {}

  reset(): void {
    this.rounds = 0;
    this.requests = 0;
    this.bytes = 0;
  }

  async #answer<T>(answer: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const round = this.rounds + 1;
    this.requests++;
    const answered = sleep(2, undefined, { ...(signal && { signal }) });
    if (signal) this.#countListeners(signal);
    await answered;
    const result = await answer();
    this.rounds = Math.max(this.rounds, round);
    return result;
  }

  #countListeners(signal: AbortSignal): void {
    const listeners = getEventListeners(signal, 'abort').length;
    if (listeners > getMaxListeners(signal)) this.warnedListeners = listeners;
  }

  async *list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo> {
    yield* await this.#answer(async () => {
      const files: ObjectInfo[] = [];
      for await (const file of this.store.list(prefix, options)) files.push(file);
      return files;
    });
  }

  async get(key: string, options?: GetOptions): Promise<StoredObject> {
    const object = await this.#answer(() => this.store.get(key, options), options?.signal);
    this.bytes += object.bytes.length;
    return object;
  }
}
