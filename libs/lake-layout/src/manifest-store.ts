import { manifestKey, type LakeDate } from './keys';
import type { Manifest } from './manifest';
import { decodeManifest, encodeManifest } from './manifest-json';
import { ObjectNotFoundError, type ObjectStore } from './object-store';

/** A manifest as it was read; `etag` is what a commit over it must name. */
export interface StoredManifest {
  readonly manifest: Manifest;
  readonly etag: string;
}

/**
 * The manifest of a day, or undefined where nothing was compacted yet. @throws ManifestError
 *
 * @example
 * import { lakeDate, MemoryObjectStore, readManifest } from '@sluice/lake-layout';
 * const stored = await readManifest(new MemoryObjectStore(), 'order', lakeDate(Date.now()));
 * const files = stored?.manifest.files ?? [];
 */
export async function readManifest(
  store: Pick<ObjectStore, 'get'>,
  table: string,
  date: LakeDate,
  signal?: AbortSignal,
): Promise<StoredManifest | undefined> {
  const key = manifestKey(table, date);
  try {
    const { bytes, etag } = await store.get(key, signal ? { signal } : {});
    return { manifest: decodeManifest(bytes, key), etag };
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Writes a manifest over the one it was made from, and over no other.
 *
 * A PUT whose answer was lost may have happened: on a {@link PreconditionFailedError} read the manifest again
 * and decide anew; the work of this commit is then found done, or is done again on what is there.
 *
 * @param over what it was made from; undefined where there was none.
 * @throws PreconditionFailedError where another writer was first.
 */
export async function commitManifest(
  store: Pick<ObjectStore, 'put'>,
  manifest: Manifest,
  over: StoredManifest | undefined,
): Promise<StoredManifest> {
  const { etag } = await store.put(
    manifestKey(manifest.table, manifest.date),
    encodeManifest(manifest),
    {
      contentType: 'application/json',
      ...(over ? { ifMatch: over.etag } : { ifNoneMatch: '*' }),
    },
  );
  return { manifest, etag };
}
