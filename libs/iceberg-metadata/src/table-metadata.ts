import { nameMapping, type IcebergSchema } from './iceberg-schema';

// The table's metadata file (Iceberg spec, "Table Metadata"), format version 2, as plain values.

export interface SnapshotSummary {
  readonly operation: 'append' | 'overwrite' | 'delete';
  readonly [name: string]: string;
}

export interface Snapshot {
  readonly 'snapshot-id': number;
  readonly 'parent-snapshot-id'?: number;
  readonly 'sequence-number': number;
  readonly 'timestamp-ms': number;
  readonly 'manifest-list': string;
  readonly summary: SnapshotSummary;
  readonly 'schema-id': number;
}

interface SnapshotLogEntry {
  readonly 'timestamp-ms': number;
  readonly 'snapshot-id': number;
}

interface MetadataLogEntry {
  readonly 'timestamp-ms': number;
  readonly 'metadata-file': string;
}

export interface PartitionSpec {
  readonly 'spec-id': number;
  readonly fields: readonly {
    readonly name: string;
    readonly transform: 'identity';
    readonly 'source-id': number;
    readonly 'field-id': number;
  }[];
}

export interface SortOrder {
  readonly 'order-id': number;
  readonly fields: readonly {
    readonly transform: 'identity';
    readonly 'source-id': number;
    readonly direction: 'asc';
    readonly 'null-order': 'nulls-first';
  }[];
}

export interface TableMetadata {
  readonly 'format-version': 2;
  readonly 'table-uuid': string;
  readonly location: string;
  readonly 'last-sequence-number': number;
  readonly 'last-updated-ms': number;
  readonly 'last-column-id': number;
  readonly 'current-schema-id': number;
  readonly schemas: readonly IcebergSchema[];
  readonly 'default-spec-id': number;
  readonly 'partition-specs': readonly PartitionSpec[];
  readonly 'last-partition-id': number;
  readonly 'default-sort-order-id': number;
  readonly 'sort-orders': readonly SortOrder[];
  readonly properties: Readonly<Record<string, string>>;
  readonly 'current-snapshot-id': number;
  readonly refs: Readonly<
    Record<string, { readonly 'snapshot-id': number; readonly type: 'branch' }>
  >;
  /** Snapshots, the oldest first. */
  readonly snapshots: readonly Snapshot[];
  readonly 'snapshot-log': readonly SnapshotLogEntry[];
  readonly 'metadata-log': readonly MetadataLogEntry[];
  readonly statistics: readonly [];
  readonly 'partition-statistics': readonly [];
}

/** Name of the table's only partition column: the day of arrival, which is not stored in the files. */
const dayColumn = 'dt';

export const partitionFieldId = 1000;
/** `current-snapshot-id` of a table without a snapshot (Iceberg spec, appendix C). */
const noSnapshot = -1;
const sortedOrderId = 1;

const fieldId = (schema: IcebergSchema, name: string): number => {
  const field = schema.fields.find((each) => each.name === name);
  if (!field) throw new Error(`the schema has no column ${name}`);
  return field.id;
};

/** Returns the partition spec: one partition for each day. */
export const partitionSpec = (schema: IcebergSchema): PartitionSpec => ({
  'spec-id': 0,
  fields: [
    {
      name: dayColumn,
      transform: 'identity',
      'source-id': fieldId(schema, dayColumn),
      'field-id': partitionFieldId,
    },
  ],
});

export interface NewTable {
  readonly uuid: string;
  /** Location of the table, `s3://bucket/prefix`, without a slash at its end. */
  readonly location: string;
  readonly schema: IcebergSchema;
  readonly lastColumnId: number;
  /** Columns by which every data file is sorted: ascending, with nulls first. */
  readonly sortedBy: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly nowMs: number;
}

/**
 * Returns the metadata of a table without rows.
 *
 * @example
 * import { createTable, evolveSchema } from '@sluice/iceberg-metadata';
 * const { schema, lastColumnId } = evolveSchema('order', [{ name: 'id', type: { kind: 'string' } }]);
 * const metadata = createTable({
 *   uuid: '9c1d8c6e-3f0a-4a53-9d5c-2f7a2b1c7d10',
 *   location: 's3://my-lake/order',
 *   schema,
 *   lastColumnId,
 *   sortedBy: ['id'],
 *   nowMs: Date.now(),
 * });
 */
export const createTable = ({
  uuid,
  location,
  schema,
  lastColumnId,
  sortedBy,
  properties = {},
  nowMs,
}: NewTable): TableMetadata => ({
  'format-version': 2,
  'table-uuid': uuid,
  location,
  'last-sequence-number': 0,
  'last-updated-ms': nowMs,
  'last-column-id': lastColumnId,
  'current-schema-id': schema['schema-id'],
  schemas: [schema],
  'default-spec-id': 0,
  'partition-specs': [partitionSpec(schema)],
  'last-partition-id': partitionFieldId,
  'default-sort-order-id': sortedOrderId,
  'sort-orders': [
    {
      'order-id': sortedOrderId,
      fields: sortedBy.map((name) => ({
        transform: 'identity',
        'source-id': fieldId(schema, name),
        direction: 'asc',
        'null-order': 'nulls-first',
      })),
    },
  ],
  properties: { ...properties, ...mappingProperty(schema) },
  'current-snapshot-id': noSnapshot,
  refs: {},
  snapshots: [],
  'snapshot-log': [],
  'metadata-log': [],
  statistics: [],
  'partition-statistics': [],
});

const mappingProperty = (schema: IcebergSchema): Readonly<Record<string, string>> => ({
  'schema.name-mapping.default': nameMapping(schema, dayColumn),
});

/** Returns the schema by which the table is read. */
export function currentSchema(metadata: TableMetadata): IcebergSchema {
  const schema = metadata.schemas.find(
    (each) => each['schema-id'] === metadata['current-schema-id'],
  );
  if (!schema) throw new Error(`there is no schema ${metadata['current-schema-id']}`);
  return schema;
}

/** Returns the current snapshot; undefined before the first one. */
export const currentSnapshot = (metadata: TableMetadata): Snapshot | undefined =>
  metadata.snapshots.find((each) => each['snapshot-id'] === metadata['current-snapshot-id']);

/** Returns the metadata with another current schema. */
export const withSchema = (
  metadata: TableMetadata,
  { schema, lastColumnId }: { readonly schema: IcebergSchema; readonly lastColumnId: number },
): TableMetadata => ({
  ...metadata,
  'last-column-id': lastColumnId,
  'current-schema-id': schema['schema-id'],
  schemas: [
    ...metadata.schemas.filter((each) => each['schema-id'] !== schema['schema-id']),
    schema,
  ],
  properties: { ...metadata.properties, ...mappingProperty(schema) },
});

/**
 * Returns the metadata with these properties in addition to the others.
 *
 * @returns the object `metadata` itself where it has them already
 */
export const withProperties = (
  metadata: TableMetadata,
  properties: Readonly<Record<string, string>>,
): TableMetadata =>
  Object.entries(properties).every(([name, value]) => metadata.properties[name] === value)
    ? metadata
    : { ...metadata, properties: { ...metadata.properties, ...properties } };

/** Returns the metadata with one more snapshot, which becomes the current one. */
export const withSnapshot = (metadata: TableMetadata, snapshot: Snapshot): TableMetadata => ({
  ...metadata,
  'last-sequence-number': snapshot['sequence-number'],
  'current-snapshot-id': snapshot['snapshot-id'],
  refs: { ...metadata.refs, main: { 'snapshot-id': snapshot['snapshot-id'], type: 'branch' } },
  snapshots: [...metadata.snapshots, snapshot],
  'snapshot-log': [
    ...metadata['snapshot-log'],
    { 'timestamp-ms': snapshot['timestamp-ms'], 'snapshot-id': snapshot['snapshot-id'] },
  ],
});

export interface ExpiryOptions {
  /** Number of newest snapshots that are always kept; at least 1. */
  readonly minSnapshots: number;
  /** Age in milliseconds up to which a snapshot is kept. */
  readonly maxAgeMs: number;
  readonly nowMs: number;
}

/**
 * Returns the metadata without expired snapshots, and without the schemas that only these used. The remaining
 * snapshots are an unbroken chain that ends with the current one.
 *
 * @returns the object `metadata` itself where there is nothing to expire
 */
export function withoutExpired(
  metadata: TableMetadata,
  { minSnapshots, maxAgeMs, nowMs }: ExpiryOptions,
): TableMetadata {
  const { snapshots } = metadata;
  const newest = snapshots.length - Math.max(1, minSnapshots);
  const first = snapshots.findIndex(
    (snapshot, index) => index >= newest || snapshot['timestamp-ms'] >= nowMs - maxAgeMs,
  );
  if (first <= 0) return metadata;
  const kept = snapshots.slice(first);
  const ids = new Set(kept.map((snapshot) => snapshot['snapshot-id']));
  const schemaIds = new Set([
    metadata['current-schema-id'],
    ...kept.map((snapshot) => snapshot['schema-id']),
  ]);
  return {
    ...metadata,
    schemas: metadata.schemas.filter((schema) => schemaIds.has(schema['schema-id'])),
    snapshots: kept,
    'snapshot-log': metadata['snapshot-log'].filter((entry) => ids.has(entry['snapshot-id'])),
  };
}

/** Largest number of earlier metadata files that the log names. */
const maxLoggedVersions = 100;

/** Returns the metadata as the version that follows the file from which it was read. */
export const asNextVersion = (
  metadata: TableMetadata,
  {
    nowMs,
    previous,
  }: {
    readonly nowMs: number;
    /** File of the previous version; undefined for the first. */
    readonly previous?: { readonly path: string; readonly updatedMs: number } | undefined;
  },
): TableMetadata => ({
  ...metadata,
  // The clocks of two writers may differ, but readers require times that don't go back.
  'last-updated-ms': Math.max(nowMs, metadata['last-updated-ms']),
  'metadata-log': previous
    ? [
        ...metadata['metadata-log'],
        { 'timestamp-ms': previous.updatedMs, 'metadata-file': previous.path },
      ].slice(-maxLoggedVersions)
    : metadata['metadata-log'],
});
