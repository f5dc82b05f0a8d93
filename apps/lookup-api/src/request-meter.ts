import type {
  GetOptions,
  ListOptions,
  ObjectInfo,
  ObjectStore,
  StoredObject,
} from '@sluice/lake-layout';

/** Cost of one look-up. */
export interface RequestCosts {
  readonly lists: number;
  readonly gets: number;
  /** Second requests that were sent because the first was late; included in `lists` and `gets`. */
  readonly hedges: number;
  readonly bytesRead: number;
}

/** Counts the requests to the part of an object store that reading uses. Each look-up has its own. */
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

  /** Counts a second request. */
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
