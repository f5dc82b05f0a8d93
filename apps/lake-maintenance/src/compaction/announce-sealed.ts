import {
  commitManifest,
  PreconditionFailedError,
  sealedMarkerKey,
  type ObjectStore,
  type StoredManifest,
} from '@sluice/lake-layout';

/**
 * Writes the marker of a sealed day, whose PUT tells those who wait for the day, and notes that in the manifest.
 *
 * Where it dies in between, the next run does both again: who listens is told at least once of every content.
 */
export async function announceSealed(
  store: Pick<ObjectStore, 'put'>,
  stored: StoredManifest,
): Promise<StoredManifest> {
  const { table, date, files, updatedAtMs } = stored.manifest;
  const marker = {
    table,
    date,
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    files: files.length,
    sealedAtMs: updatedAtMs,
  };
  await store.put(sealedMarkerKey(table, date), new TextEncoder().encode(JSON.stringify(marker)), {
    contentType: 'application/json',
  });
  try {
    return await commitManifest(store, { ...stored.manifest, announced: true }, stored);
  } catch (error) {
    // Another compactor changed the day, or announced it too; its next run looks at it again.
    if (error instanceof PreconditionFailedError) return stored;
    throw error;
  }
}
