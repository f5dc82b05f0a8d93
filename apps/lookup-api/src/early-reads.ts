import type { ObjectStore, StoredObject } from '@sluice/lake-layout';

type Store = Pick<ObjectStore, 'list' | 'get'>;

interface EarlyRead {
  readonly key: string;
  readonly ifMatch: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly object: Promise<StoredObject>;
}

/**
 * Answers ranged reads from speculative ones that began before it was certain that they would be needed. Each look-up
 * has its own, which keeps the bytes of all early reads, except those that failed.
 */
export class EarlyReads implements Store {
  readonly #store: Store;
  #reads: readonly EarlyRead[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** The store for reads that begin early. */
  readonly ahead: Store = {
    list: (prefix, options) => this.#store.list(prefix, options),
    get: (key, options = {}) => this.#begun(key, options) ?? this.#begin(key, options),
  };

  list(...[prefix, options]: Parameters<Store['list']>): ReturnType<Store['list']> {
    return this.#store.list(prefix, options);
  }

  async get(...[key, options = {}]: Parameters<Store['get']>): Promise<StoredObject> {
    const begun = this.#begun(key, options);
    if (begun)
      try {
        return await begun;
      } catch {
        // It may have been cancelled with the work for which it began.
      }
    return this.#store.get(key, options);
  }

  #begin(...[key, options = {}]: Parameters<Store['get']>): Promise<StoredObject> {
    const object = this.#store.get(key, options);
    const { range, ifMatch } = options;
    if (!range || !('start' in range)) return object;
    const { start, end } = range;
    const read = { key, ifMatch, start, end, object };
    this.#reads = [...this.#reads, read];
    object.catch(() => {
      this.#reads = this.#reads.filter((each) => each !== read);
    });
    return object;
  }

  #begun(...[key, { range, ifMatch } = {}]: Parameters<Store['get']>) {
    if (!range || !('start' in range)) return undefined;
    const read = this.#reads.find(
      (each) =>
        each.key === key &&
        each.ifMatch === ifMatch &&
        each.start <= range.start &&
        range.end <= each.end,
    );
    return read?.object.then((object) => ({
      ...object,
      bytes: object.bytes.subarray(range.start - read.start, range.end - read.start),
    }));
  }
}
