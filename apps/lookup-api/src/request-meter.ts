import type {
  GetOptions,
  ListOptions,
  ObjectInfo,
  ObjectStore,
  StoredObject,
} from '@sluice/lake-layout';

/** What one look-up cost. */
export interface RequestCosts {
  readonly lists: number;
  readonly gets: number;
  /** Of these, requests that were sent a second time because they were late. */
  readonly hedges: number;
  readonly bytesRead: number;
}

/** The part of an object store that reading needs, counting what goes through it. One for each look-up. */
export class RequestMeter implements Pick<ObjectStore, 'list' | 'get'> {
  #lists = 0;
  #gets = 0;
  #hedges = 0;
  #bytesRead = 0;

  constructor(readonly store: Pick<ObjectStore, 'list' | 'get'>) {}

  get costs(): RequestCosts {
    return {
      lists: this.#lists,
      gets: this.#gets,
      hedges: this.#hedges,
      bytesRead: this.#bytesRead,
    };
  }

  /** Notes that a request is a second one. */
  readonly hedged = (): void => {
    this.#hedges++;
  };

  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo> {
    this.#lists++;
    return this.store.list(prefix, options);
  }

  async get(key: string, options?: GetOptions): Promise<StoredObject> {
    this.#gets++;
    const object = await this.store.get(key, options);
    this.#bytesRead += object.bytes.length;
    return object;
  }
}
