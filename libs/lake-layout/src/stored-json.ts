// Objects that writers share: read with their ETag, and replaced by a conditional PUT, so that of two writers one wins.
import {
  ObjectNotFoundError,
  PreconditionFailedError,
  type GetOptions,
  type ObjectStore,
  type PutOptions,
  type StoredObject,
} from './object-store';

/** A JSON value as an object holds it, with the ETag that a change of it must name. */
export interface StoredJson<Value> {
  readonly value: Value;
  readonly etag: string;
}

/** Reads an object; undefined where there is none. */
export async function findObject(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  options?: GetOptions,
): Promise<StoredObject | undefined> {
  try {
    return await store.get(key, options);
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Reads an object that holds JSON; undefined where there is none. The value is not checked. @throws SyntaxError where
 * it is not JSON
 */
export async function findJson<Value>(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  options?: GetOptions,
): Promise<StoredJson<Value> | undefined> {
  const found = await findObject(store, key, options);
  return (
    found && { value: JSON.parse(Buffer.from(found.bytes).toString()) as Value, etag: found.etag }
  );
}

/** Writes an object that holds JSON. @throws PreconditionFailedError where the condition does not hold */
export const putJson = (
  store: Pick<ObjectStore, 'put'>,
  key: string,
  value: unknown,
  condition: Pick<PutOptions, 'ifMatch' | 'ifNoneMatch'> = {},
): Promise<{ readonly etag: string }> =>
  store.put(key, new TextEncoder().encode(JSON.stringify(value)), {
    contentType: 'application/json',
    ...condition,
  });

/**
 * Returns the condition of a PUT that replaces what was read, and nothing newer.
 *
 * @param read undefined where there was no object
 */
export const onlyOver = (
  read: { readonly etag: string } | undefined,
): Pick<PutOptions, 'ifMatch' | 'ifNoneMatch'> =>
  read ? { ifMatch: read.etag } : { ifNoneMatch: '*' };

/**
 * Makes a change that reads an object and replaces it under {@link onlyOver}, and makes it anew where another writer
 * was faster.
 *
 * @param onConflict called before each further attempt
 * @throws PreconditionFailedError where another writer was faster each time
 */
export async function repeatOnConflict<Result>(
  maxAttempts: number,
  change: () => Promise<Result>,
  onConflict?: () => Promise<void>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++)
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof PreconditionFailedError) || attempt === maxAttempts) throw error;
      await onConflict?.();
    }
}
