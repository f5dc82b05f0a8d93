import { manifestKey, type LakeDate } from './keys';
import type { Manifest } from './manifest';
import { decodeManifest, encodeManifest } from './manifest-json';
import type { ObjectStore } from './object-store';
import { findObject, onlyOver } from './stored-json';

/** A manifest as it was read. A commit that replaces it must name its `etag`. */
export interface StoredManifest {
  readonly manifest: Manifest;
  readonly etag: string;
}

/**
 * Reads the manifest of a day; undefined where nothing was compacted yet. @throws ManifestError
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
  const found = await findObject(store, key, signal ? { signal } : {});
  return found && { manifest: decodeManifest(found.bytes, key), etag: found.etag };
}

/**
 * Replaces the manifest from which a new one was made, and no other.
 *
 * A PUT whose answer was lost may have succeeded. After a {@link PreconditionFailedError}, read the manifest again
 * and decide anew: the work of this commit is then either found done, or is done again on the newer manifest.
 *
 * @param over the manifest from which the new one was made; undefined where there was none
 * @throws PreconditionFailedError where another writer was first
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
      ...onlyOver(over),
    },
  );
  return { manifest, etag };
}
