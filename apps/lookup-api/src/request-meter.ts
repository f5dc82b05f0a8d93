import { ObjectNotFoundError } from '@sluice/lake-layout';
import type { RequestTrace, SpanAttributes, SpanEnd } from '@sluice/traces';
import type {
  GetOptions,
  ListOptions,
  ObjectInfo,
  ObjectStore,
  StoredObject,
} from '@sluice/lake-layout';

/** Records parts of a request. */
export type Recording = Pick<RequestTrace, 'begin'>;

/** Cost of one look-up. */
export interface RequestCosts {
  readonly lists: number;
  readonly gets: number;
  /** Second requests that were sent because the first was late; included in `lists` and `gets`. */
  readonly hedges: number;
  readonly bytesRead: number;
}

/**
 * Counts the requests to the part of an object store that reading uses, and records each in the look-up's trace. Each
 * look-up has its own.
 */
export class RequestMeter implements Pick<ObjectStore, 'list' | 'get'> {
  #lists = 0;
  #gets = 0;
  #hedges = 0;
  #bytesRead = 0;

  /** True while the next request is a second one. */
  #isHedge = false;

  constructor(
    readonly store: Pick<ObjectStore, 'list' | 'get'>,
    /** Trace of the look-up. @default it is not recorded */
    private readonly trace?: Recording,
  ) {}

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
    this.#isHedge = true;
  };

  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo> {
    this.#lists++;
    const files = this.store.list(prefix, options);
    return this.trace ? this.#recordedList(this.trace, files, prefix, options) : files;
  }

  async get(key: string, options?: GetOptions): Promise<StoredObject> {
    this.#gets++;
    if (this.trace) return this.#recordedGet(this.trace, key, options);
    const object = await this.store.get(key, options);
    this.#bytesRead += object.bytes.length;
    return object;
  }

  async #recordedGet(trace: Recording, key: string, options?: GetOptions): Promise<StoredObject> {
    const { range } = options ?? {};
    const end = trace.begin('GetObject', 'client', {
      ...this.#attributes('GetObject'),
      'aws.s3.key': key,
      ...(range && { 'sluice.range': rangeText(range) }),
    });
    try {
      const object = await this.store.get(key, options);
      this.#bytesRead += object.bytes.length;
      end({ attributes: { 'sluice.bytes': object.bytes.length } });
      return object;
    } catch (error) {
      end(failedRequest(error, options?.signal));
      throw error;
    }
  }

  async *#recordedList(
    trace: Recording,
    files: AsyncIterable<ObjectInfo>,
    prefix: string,
    options?: ListOptions,
  ): AsyncGenerator<ObjectInfo> {
    const end = trace.begin('ListObjectsV2', 'client', {
      ...this.#attributes('ListObjectsV2'),
      'sluice.prefix': prefix,
    });
    let count = 0;
    try {
      for await (const file of files) {
        count++;
        yield file;
      }
    } catch (error) {
      end(failedRequest(error, options?.signal));
      throw error;
    } finally {
      end({ attributes: { 'sluice.files': count } });
    }
  }

  #attributes(method: string): SpanAttributes {
    const isHedge = this.#isHedge;
    this.#isHedge = false;
    return {
      'rpc.system': 'aws-api',
      'rpc.service': 'S3',
      'rpc.method': method,
      ...(isHedge && { 'sluice.hedged': true }),
    };
  }
}

const rangeText = (range: NonNullable<GetOptions['range']>): string =>
  'last' in range ? `-${range.last}` : `${range.start}-${range.end - 1}`;

/**
 * Returns the end of a request that failed. An object that is not there is an answer, and one of two requests is
 * cancelled when the other one was answered; neither is an error.
 */
function failedRequest(error: unknown, signal?: AbortSignal): SpanEnd {
  if (error instanceof ObjectNotFoundError) return { attributes: { 'sluice.found': false } };
  if (signal?.aborted === true) return { attributes: { 'sluice.cancelled': true } };
  const { name } = error as Error;
  return { attributes: { 'error.type': name }, error: name };
}
