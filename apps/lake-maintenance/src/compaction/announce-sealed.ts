import {
  commitManifest,
  PreconditionFailedError,
  putJson,
  sealedMarkerKey,
  type Manifest,
  type ObjectStore,
  type StoredManifest,
} from '@sluice/lake-layout';

/** Decides whether a day is sealed and has still to be announced with the rows that it has now. */
export const isUnannounced = ({ sealed, announced }: Manifest): boolean => sealed && !announced;

/**
 * Writes the marker of a sealed day, whose PUT starts whatever waits for the day, and then notes that in the
 * manifest.
 *
 * If it is interrupted in between, the next run repeats both, so that listeners are notified at least once for every
 * content.
 */
export async function announceSealed(
  store: Pick<ObjectStore, 'put'>,
  stored: StoredManifest,
): Promise<void> {
  const { table, date, files, updatedAtMs } = stored.manifest;
  const marker = {
    table,
    date,
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    files: files.length,
    sealedAtMs: updatedAtMs,
  };
  await putJson(store, sealedMarkerKey(table, date), marker);
  try {
    await commitManifest(store, { ...stored.manifest, announced: true }, stored);
  } catch (error) {
    // Another compactor changed the day, or announced it too; its next run examines the day again.
    if (!(error instanceof PreconditionFailedError)) throw error;
  }
}
