/** What the lake needs of an object store: S3's own semantics, no more of it than is used. */
export interface ObjectStore {
  /** Objects whose key begins with `prefix`, in ascending order of key (UTF-8 bytes). */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>;
  /**
   * @throws {@link ObjectNotFoundError}, {@link PreconditionFailedError}, and
   *   {@link RangeNotSatisfiableError} where the range has no byte of the object,
   *   {@link DamagedObjectError} where a whole object is known not to be what was written
   */
  get(key: string, options?: GetOptions): Promise<StoredObject>;
  /** Writes the whole object. @throws {@link PreconditionFailedError} where a condition does not hold. */
  put(key: string, bytes: Uint8Array, options?: PutOptions): Promise<{ readonly etag: string }>;
  /** Deletes; keys that are not there are not an error. @throws {@link ObjectsNotDeletedError} */
  delete(keys: readonly string[]): Promise<void>;
}

export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  /** ETag as S3 gives it, with its quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
}

export interface ListOptions {
  /** Keys up to and including this one are left out. */
  readonly startAfter?: string;
  readonly signal?: AbortSignal;
}

export interface GetOptions {
  /** `start` inclusive, `end` exclusive; `{ last }` asks for the last so many bytes. */
  readonly range?: { readonly start: number; readonly end: number } | { readonly last: number };
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  /** Size of the whole object, also where a range was asked for. */
  readonly totalBytes: number;
}

export interface PutOptions {
  /** Writes only over the object of this etag. */
  readonly ifMatch?: string;
  /** Writes only where there is no object of this key. */
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

/** The object changed since it was read, or is there already: read it again and decide anew. */
export class PreconditionFailedError extends Error {
  override readonly name = 'PreconditionFailedError';
  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`the condition on ${key} does not hold: it was changed by another writer`, options);
  }
}

/** A range that begins at or after the object's end, or any range of an empty object. */
export class RangeNotSatisfiableError extends Error {
  override readonly name = 'RangeNotSatisfiableError';
  constructor(
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`${key} has no byte in the range asked for`, options);
  }
}

/** What was read is not what was written. */
export class DamagedObjectError extends Error {
  override readonly name = 'DamagedObjectError';
  constructor(
    readonly key: string,
    detail: string,
  ) {
    super(
      `${key} is damaged: ${detail}; see docs/guides/mend-a-damaged-file.md for how to get its rows back`,
    );
  }
}

export interface UndeletedObject {
  readonly key: string;
  readonly code: string;
  readonly message: string;
}

/** Some objects are still there; all others of the call are deleted. */
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
