import type { Schema } from 'avsc';
import { decodeAvroFile, encodeAvroFile } from './avro-file';

/** A manifest in the list of a snapshot. */
export interface ManifestFileInfo {
  readonly path: string;
  readonly bytes: number;
  readonly content: 'data' | 'deletes';
  /** Sequence number of the snapshot that added the manifest. */
  readonly sequenceNumber: number;
  /** The smallest sequence number of the manifest's files that are not deleted. */
  readonly minSequenceNumber: number;
  readonly addedSnapshotId: number;
  readonly addedFiles: number;
  readonly existingFiles: number;
  readonly deletedFiles: number;
  readonly addedRows: number;
  readonly existingRows: number;
  readonly deletedRows: number;
  /** The day of all its files, `YYYY-MM-DD`. */
  readonly dt: string;
}

const field = (name: string, id: number, type: unknown) => ({ name, type, 'field-id': id });
const optional = (name: string, id: number, type: unknown) => ({
  ...field(name, id, ['null', type]),
  default: null,
});

/** Avro schema of a manifest list (Iceberg spec, "Manifest Lists", format version 2). */
const listSchema = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    field('manifest_path', 500, 'string'),
    field('manifest_length', 501, 'long'),
    field('partition_spec_id', 502, 'int'),
    field('content', 517, 'int'),
    field('sequence_number', 515, 'long'),
    field('min_sequence_number', 516, 'long'),
    field('added_snapshot_id', 503, 'long'),
    field('added_files_count', 504, 'int'),
    field('existing_files_count', 505, 'int'),
    field('deleted_files_count', 506, 'int'),
    field('added_rows_count', 512, 'long'),
    field('existing_rows_count', 513, 'long'),
    field('deleted_rows_count', 514, 'long'),
    optional('partitions', 507, {
      type: 'array',
      'element-id': 508,
      items: {
        type: 'record',
        name: 'r508',
        fields: [
          field('contains_null', 509, 'boolean'),
          optional('contains_nan', 518, 'boolean'),
          optional('lower_bound', 510, 'bytes'),
          optional('upper_bound', 511, 'bytes'),
        ],
      },
    }),
    optional('key_metadata', 519, 'bytes'),
  ],
} as unknown as Schema;

export interface ManifestListOwner {
  readonly snapshotId: number;
  readonly parentSnapshotId: number | undefined;
  readonly sequenceNumber: number;
}

/** Writes the list of a snapshot's manifests. */
export const encodeManifestList = (
  manifests: readonly ManifestFileInfo[],
  { snapshotId, parentSnapshotId, sequenceNumber }: ManifestListOwner,
): Promise<Uint8Array> =>
  encodeAvroFile(
    manifests.map((manifest) => {
      const day = Buffer.from(manifest.dt);
      return {
        manifest_path: manifest.path,
        manifest_length: manifest.bytes,
        partition_spec_id: 0,
        content: manifest.content === 'data' ? 0 : 1,
        sequence_number: manifest.sequenceNumber,
        min_sequence_number: manifest.minSequenceNumber,
        added_snapshot_id: manifest.addedSnapshotId,
        added_files_count: manifest.addedFiles,
        existing_files_count: manifest.existingFiles,
        deleted_files_count: manifest.deletedFiles,
        added_rows_count: manifest.addedRows,
        existing_rows_count: manifest.existingRows,
        deleted_rows_count: manifest.deletedRows,
        partitions: [
          { contains_null: false, contains_nan: null, lower_bound: day, upper_bound: day },
        ],
        key_metadata: null,
      };
    }),
    {
      schema: listSchema,
      metadata: {
        'snapshot-id': String(snapshotId),
        'parent-snapshot-id': parentSnapshotId === undefined ? 'null' : String(parentSnapshotId),
        'sequence-number': String(sequenceNumber),
        'format-version': '2',
      },
    },
  );

interface AvroManifest {
  readonly manifest_path: string;
  readonly manifest_length: number;
  readonly content: number;
  readonly sequence_number: number;
  readonly min_sequence_number: number;
  readonly added_snapshot_id: number;
  readonly added_files_count: number;
  readonly existing_files_count: number;
  readonly deleted_files_count: number;
  readonly added_rows_count: number;
  readonly existing_rows_count: number;
  readonly deleted_rows_count: number;
  readonly partitions: readonly { readonly lower_bound: Uint8Array | null }[] | null;
}

/** Reads a list that {@link encodeManifestList} wrote. */
export async function decodeManifestList(bytes: Uint8Array): Promise<readonly ManifestFileInfo[]> {
  const records = (await decodeAvroFile(bytes)) as readonly AvroManifest[];
  return records.map((record) => ({
    path: record.manifest_path,
    bytes: record.manifest_length,
    content: record.content === 0 ? 'data' : 'deletes',
    sequenceNumber: record.sequence_number,
    minSequenceNumber: record.min_sequence_number,
    addedSnapshotId: record.added_snapshot_id,
    addedFiles: record.added_files_count,
    existingFiles: record.existing_files_count,
    deletedFiles: record.deleted_files_count,
    addedRows: record.added_rows_count,
    existingRows: record.existing_rows_count,
    deletedRows: record.deleted_rows_count,
    dt: new TextDecoder().decode(record.partitions?.[0]?.lower_bound ?? new Uint8Array()),
  }));
}
