/** The part of an object store that the lake uses, with the semantics of S3. */
export interface ObjectStore {
  /** Lists the objects whose keys begin with `prefix`, in ascending order of key (UTF-8 bytes). */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>;
  /**
   * Reads an object.
   *
   * @throws {@link ObjectNotFoundError}, {@link PreconditionFailedError}, {@link RangeNotSatisfiableError} where no
   * byte of the object is in the range, and {@link DamagedObjectError} where a whole object is known to differ from
   * what was written
   */
  get(key: string, options?: GetOptions): Promise<StoredObject>;
  /** Writes a whole object. @throws {@link PreconditionFailedError} where a condition does not hold */
  put(key: string, bytes: Uint8Array, options?: PutOptions): Promise<{ readonly etag: string }>;
  /** Deletes objects; keys that don't exist are not an error. @throws {@link ObjectsNotDeletedError} */
  delete(keys: readonly string[]): Promise<void>;
}

export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  /** ETag as S3 returns it, with its quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
}

export interface ListOptions {
  /** Key after which the listing begins, exclusive. */
  readonly startAfter?: string;
  readonly signal?: AbortSignal;
}

export interface GetOptions {
  /** Range of bytes: `start` inclusive, `end` exclusive; `{ last }` is the number of bytes at the end. */
  readonly range?: { readonly start: number; readonly end: number } | { readonly last: number };
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  /** Size of the whole object in bytes, even where a range was asked for. */
  readonly totalBytes: number;
}

export interface PutOptions {
  /** Writes only over the object with this ETag. */
  readonly ifMatch?: string;
  /** Writes only where there is no object with this key. */
  readonly ifNoneMatch?: '*';
  readonly contentType?: string;
}

export class ObjectNotFoundError extends Error {
  override readonly name = 'ObjectNotFoundError';
  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`there is no object ${key}`, options);
  }
}

/** Error for an object that changed since it was read, or exists already. Read it again and decide anew. */
export class PreconditionFailedError extends Error {
  override readonly name = 'PreconditionFailedError';
  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`the condition on ${key} does not hold: it was changed by another writer`, options);
  }
}

/** Decides whether an error says that an object was replaced or deleted since it was listed or named. */
export const isReplaced = (error: unknown): boolean =>
  error instanceof ObjectNotFoundError || error instanceof PreconditionFailedError;

/** Error for a range that begins at or after the object's end, and for any range of an empty object. */
export class RangeNotSatisfiableError extends Error {
  override readonly name = 'RangeNotSatisfiableError';
  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`${key} has no byte in the range asked for`, options);
  }
}

/** Error for an object that differs from what was written. */
export class DamagedObjectError extends Error {
  override readonly name = 'DamagedObjectError';
  constructor(
    readonly key: string,
    detail: string,
  ) {
    super(
      `${key} is damaged: ${detail}; see docs/guides/repair-a-damaged-file.md for how to get its rows back`,
    );
  }
}

export interface UndeletedObject {
  readonly key: string;
  readonly code: string;
  readonly message: string;
}

/** Error for a deletion in which some objects remain; all others of the call are deleted. */
export class ObjectsNotDeletedError extends Error {
  override readonly name = 'ObjectsNotDeletedError';
  constructor(readonly failed: readonly UndeletedObject[]) {
    const [first] = failed;
    super(
      `${failed.length} objects could not be deleted, the first ${first?.key ?? ''}: ` +
        `${first?.code ?? ''} ${first?.message ?? ''}`,
    );
  }
}

/** Versions of objects that are not their newest, in a bucket that keeps such. */
export interface NoncurrentVersions {
  /** Deletes those below a prefix for good. @returns their number */
  delete(prefix: string): Promise<number>;
}
