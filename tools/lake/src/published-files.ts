import type { TableMetadata } from '@sluice/iceberg-metadata';
import {
  icebergMetadataPrefix,
  keyOfPath,
  ObjectNotFoundError,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';

/**
 * Returns the keys of the files of a day that SQL reads: those that the current snapshot of the Iceberg table names.
 * There are none before the first snapshot.
 */
export async function publishedFiles(
  store: Pick<ObjectStore, 'get'>,
  table: string,
  date: LakeDate,
): Promise<ReadonlySet<string>> {
  // Loaded here, because commands that do not wait need no Avro reader.
  const iceberg = await import('@sluice/iceberg-metadata');
  const metadataText = async (name: string): Promise<string> =>
    Buffer.from((await store.get(icebergMetadataPrefix(table) + name)).bytes).toString();
  const keys = new Set<string>();
  try {
    const version = Number(await metadataText(iceberg.versionHintName));
    const metadata = await metadataText(iceberg.metadataFileName(version));
    const snapshot = iceberg.currentSnapshot(JSON.parse(metadata) as TableMetadata);
    if (!snapshot) return keys;
    const list = await store.get(keyOfPath(snapshot['manifest-list']));
    for (const manifest of await iceberg.decodeManifestList(list.bytes)) {
      if (manifest.content !== 'data' || manifest.dt !== date) continue;
      const { addedSnapshotId: snapshotId, sequenceNumber } = manifest;
      const { bytes } = await store.get(keyOfPath(manifest.path));
      for (const { status, file } of await iceberg.decodeManifestFile(bytes, {
        snapshotId,
        sequenceNumber,
      }))
        if (status !== iceberg.entryStatus.deleted) keys.add(keyOfPath(file.path));
    }
  } catch (error) {
    if (!(error instanceof ObjectNotFoundError)) throw error;
  }
  return keys;
}
