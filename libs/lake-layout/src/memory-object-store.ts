import { createHash } from 'node:crypto';
import {
  ObjectNotFoundError,
  PreconditionFailedError,
  RangeNotSatisfiableError,
  type GetOptions,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type StoredObject,
} from './object-store';

/** A recorded call, for tests that count calls. */
export interface StoreCall {
  readonly operation: 'list' | 'get' | 'put' | 'delete';
  readonly key: string;
  /** Bytes that were transferred, in either direction. */
  readonly bytes: number;
}

/** An {@link ObjectStore} in memory that refuses what S3 refuses, and records its calls. */
export class MemoryObjectStore implements ObjectStore {
  readonly calls: StoreCall[] = [];
  readonly #objects = new Map<string, { bytes: Uint8Array; info: ObjectInfo }>();
  readonly #now: () => number;

  constructor({ now = Date.now }: { readonly now?: () => number } = {}) {
    this.#now = now;
  }

  async *list(prefix: string, { startAfter = '' }: ListOptions = {}): AsyncIterable<ObjectInfo> {
    this.calls.push({ operation: 'list', key: prefix, bytes: 0 });
    const keys = [...this.#objects.keys()]
      .filter(
        (key) =>
          key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(startAfter)) > 0,
      )
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const key of keys) {
      const found = this.#objects.get(key);
      if (found) yield await Promise.resolve(found.info);
    }
  }

  async get(key: string, { range, ifMatch }: GetOptions = {}): Promise<StoredObject> {
    const found = this.#objects.get(key);
    if (!found) {
      this.calls.push({ operation: 'get', key, bytes: 0 });
      throw new ObjectNotFoundError(key);
    }
    if (ifMatch !== undefined && ifMatch !== found.info.etag)
      throw new PreconditionFailedError(key);
    const total = found.bytes.length;
    const [start, end] =
      range === undefined
        ? [0, total]
        : 'last' in range
          ? [Math.max(0, total - range.last), total]
          : [range.start, Math.min(range.end, total)];
    if (range !== undefined && end <= start) throw new RangeNotSatisfiableError(key);
    const bytes = found.bytes.slice(start, end);
    this.calls.push({ operation: 'get', key, bytes: bytes.length });
    return Promise.resolve({ bytes, etag: found.info.etag, totalBytes: total });
  }

  async put(
    key: string,
    bytes: Uint8Array,
    { ifMatch, ifNoneMatch }: PutOptions = {},
  ): Promise<{ readonly etag: string }> {
    const found = this.#objects.get(key);
    this.calls.push({ operation: 'put', key, bytes: bytes.length });
    if (ifNoneMatch === '*' && found) throw new PreconditionFailedError(key);
    if (ifMatch !== undefined && ifMatch !== found?.info.etag)
      throw new PreconditionFailedError(key);
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    const info = { key, bytes: bytes.length, etag, modifiedMs: this.#now() };
    this.#objects.set(key, { bytes: bytes.slice(), info });
    return Promise.resolve({ etag });
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.calls.push({ operation: 'delete', key, bytes: 0 });
      this.#objects.delete(key);
    }
    return Promise.resolve();
  }
}
