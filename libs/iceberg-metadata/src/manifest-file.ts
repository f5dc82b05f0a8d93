import type { Schema } from 'avsc';
import { decodeAvroFile, encodeAvroFile } from './avro-file';
import type { IcebergSchema } from './iceberg-schema';
import { partitionFieldId, partitionSpec } from './table-metadata';

/** Status of a file in the snapshot for which the manifest was written. */
export const entryStatus = { existing: 0, added: 1, deleted: 2 } as const;

/** Content of a file (Iceberg spec, "Data File"). */
export const fileContent = { data: 0, positionDeletes: 1 } as const;

/** A file of the table as a manifest describes it. */
export interface IcebergFile {
  /** Path of the file: `s3://bucket/key`. */
  readonly path: string;
  readonly content: (typeof fileContent)[keyof typeof fileContent];
  /** The day, `YYYY-MM-DD`. */
  readonly dt: string;
  readonly rows: number;
  readonly bytes: number;
  /**
   * Statistics by column id: sizes in bytes, counts of values, and bounds as single values. Columns without known
   * values are left out.
   */
  readonly columnSizes?: ReadonlyMap<number, number>;
  readonly valueCounts?: ReadonlyMap<number, number>;
  readonly nullCounts?: ReadonlyMap<number, number>;
  readonly lowerBounds?: ReadonlyMap<number, Uint8Array>;
  readonly upperBounds?: ReadonlyMap<number, Uint8Array>;
  /** Offsets at which a reader may split the file: the starts of row groups. */
  readonly splitOffsets?: readonly number[];
  readonly sortOrderId?: number;
}

export interface ManifestEntry {
  readonly status: (typeof entryStatus)[keyof typeof entryStatus];
  /** Snapshot that added the file, or deleted it. */
  readonly snapshotId: number;
  /** Sequence number of the snapshot that added the file; null where it is the manifest's own. */
  readonly sequenceNumber: number | null;
  readonly file: IcebergFile;
}

const map = (keyId: number, valueId: number, name: string, value: string): Schema =>
  ({
    type: 'array',
    logicalType: 'map',
    items: {
      type: 'record',
      name,
      fields: [
        { name: 'key', type: 'int', 'field-id': keyId },
        { name: 'value', type: value, 'field-id': valueId },
      ],
    },
  }) as unknown as Schema;

const optional = (name: string, id: number, type: unknown) => ({
  name,
  type: ['null', type],
  default: null,
  'field-id': id,
});

const required = (name: string, id: number, type: unknown) => ({ name, type, 'field-id': id });

/** Avro schema of a manifest (Iceberg spec, "Manifests", format version 2). */
const manifestSchema = {
  type: 'record',
  name: 'manifest_entry',
  fields: [
    required('status', 0, 'int'),
    optional('snapshot_id', 1, 'long'),
    optional('sequence_number', 3, 'long'),
    optional('file_sequence_number', 4, 'long'),
    required('data_file', 2, {
      type: 'record',
      name: 'r2',
      fields: [
        required('content', 134, 'int'),
        required('file_path', 100, 'string'),
        required('file_format', 101, 'string'),
        required('partition', 102, {
          type: 'record',
          name: 'r102',
          fields: [optional('dt', partitionFieldId, 'string')],
        }),
        required('record_count', 103, 'long'),
        required('file_size_in_bytes', 104, 'long'),
        optional('column_sizes', 108, map(117, 118, 'k117_v118', 'long')),
        optional('value_counts', 109, map(119, 120, 'k119_v120', 'long')),
        optional('null_value_counts', 110, map(121, 122, 'k121_v122', 'long')),
        optional('nan_value_counts', 137, map(138, 139, 'k138_v139', 'long')),
        optional('lower_bounds', 125, map(126, 127, 'k126_v127', 'bytes')),
        optional('upper_bounds', 128, map(129, 130, 'k129_v130', 'bytes')),
        optional('key_metadata', 131, 'bytes'),
        optional('split_offsets', 132, { type: 'array', items: 'long', 'element-id': 133 }),
        optional('equality_ids', 135, { type: 'array', items: 'int', 'element-id': 136 }),
        optional('sort_order_id', 140, 'int'),
      ],
    }),
  ],
} as unknown as Schema;

const pairs = <T>(values: ReadonlyMap<number, T> | undefined, write: (value: T) => unknown) =>
  values && values.size > 0
    ? [...values].map(([key, value]) => ({ key, value: write(value) }))
    : null;

const same = <T>(value: T): T => value;

/** Writes a manifest, whose files all have the same content. */
export const encodeManifestFile = (
  entries: readonly ManifestEntry[],
  { schema, content }: { readonly schema: IcebergSchema; readonly content: 'data' | 'deletes' },
): Promise<Uint8Array> =>
  encodeAvroFile(
    entries.map(({ status, snapshotId, sequenceNumber, file }) => ({
      status,
      snapshot_id: snapshotId,
      sequence_number: sequenceNumber,
      file_sequence_number: sequenceNumber,
      data_file: {
        content: file.content,
        file_path: file.path,
        file_format: 'PARQUET',
        partition: { dt: file.dt },
        record_count: file.rows,
        file_size_in_bytes: file.bytes,
        column_sizes: pairs(file.columnSizes, same),
        value_counts: pairs(file.valueCounts, same),
        null_value_counts: pairs(file.nullCounts, same),
        nan_value_counts: null,
        lower_bounds: pairs(file.lowerBounds, (bytes) => Buffer.from(bytes)),
        upper_bounds: pairs(file.upperBounds, (bytes) => Buffer.from(bytes)),
        key_metadata: null,
        split_offsets: file.splitOffsets ?? null,
        equality_ids: null,
        sort_order_id: file.sortOrderId ?? null,
      },
    })),
    {
      schema: manifestSchema,
      metadata: {
        schema: JSON.stringify(schema),
        'schema-id': String(schema['schema-id']),
        'partition-spec': JSON.stringify(partitionSpec(schema).fields),
        'partition-spec-id': String(partitionSpec(schema)['spec-id']),
        'format-version': '2',
        content,
      },
    },
  );

interface AvroPair<T> {
  readonly key: number;
  readonly value: T;
}

interface AvroEntry {
  readonly status: ManifestEntry['status'];
  readonly snapshot_id: number | null;
  readonly sequence_number: number | null;
  readonly data_file: {
    readonly content: IcebergFile['content'];
    readonly file_path: string;
    readonly partition: { readonly dt: string | null };
    readonly record_count: number;
    readonly file_size_in_bytes: number;
    readonly column_sizes: readonly AvroPair<number>[] | null;
    readonly value_counts: readonly AvroPair<number>[] | null;
    readonly null_value_counts: readonly AvroPair<number>[] | null;
    readonly lower_bounds: readonly AvroPair<Uint8Array>[] | null;
    readonly upper_bounds: readonly AvroPair<Uint8Array>[] | null;
    readonly split_offsets: readonly number[] | null;
    readonly sort_order_id: number | null;
  };
}

const member = <K extends string, V>(name: K, value: V | null | undefined) =>
  (value === null || value === undefined ? {} : { [name]: value }) as Partial<Record<K, V>>;

const mapOf = <T>(list: readonly AvroPair<T>[] | null): ReadonlyMap<number, T> | null =>
  list && new Map(list.map(({ key, value }) => [key, value]));

/**
 * Reads a manifest that {@link encodeManifestFile} wrote.
 *
 * @param of snapshot and sequence number that entries without their own inherit (Iceberg spec, "Sequence Number
 * Inheritance")
 */
export async function decodeManifestFile(
  bytes: Uint8Array,
  of: { readonly snapshotId: number; readonly sequenceNumber: number },
): Promise<readonly ManifestEntry[]> {
  const records = (await decodeAvroFile(bytes)) as readonly AvroEntry[];
  return records.map(({ status, snapshot_id, sequence_number, data_file: file }) => ({
    status,
    snapshotId: snapshot_id ?? of.snapshotId,
    sequenceNumber: sequence_number ?? of.sequenceNumber,
    file: {
      path: file.file_path,
      content: file.content,
      dt: file.partition.dt ?? '',
      rows: file.record_count,
      bytes: file.file_size_in_bytes,
      ...member('columnSizes', mapOf(file.column_sizes)),
      ...member('valueCounts', mapOf(file.value_counts)),
      ...member('nullCounts', mapOf(file.null_value_counts)),
      ...member('lowerBounds', mapOf(file.lower_bounds)),
      ...member('upperBounds', mapOf(file.upper_bounds)),
      ...member('splitOffsets', file.split_offsets),
      ...member('sortOrderId', file.sort_order_id),
    },
  }));
}
