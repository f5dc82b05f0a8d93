export { boundOf } from './bounds';
export { withFieldIds } from './field-ids';
export {
  columnIds,
  evolveSchema,
  hiveType,
  SchemaEvolutionError,
  type ColumnIds,
  type IcebergField,
  type IcebergSchema,
  type TableColumn,
} from './iceberg-schema';
export {
  decodeManifestFile,
  encodeManifestFile,
  entryStatus,
  fileContent,
  type IcebergFile,
  type ManifestEntry,
} from './manifest-file';
export { decodeManifestList, encodeManifestList, type ManifestFileInfo } from './manifest-list';
export {
  dayManifestName,
  manifestListName,
  metadataFileName,
  parseDayManifestName,
  positionDeletesName,
  sequenceOfName,
  versionHintName,
  versionOfName,
} from './metadata-names';
export { inMicroseconds } from './microsecond-times';
export { positionDeletes, type DeletedRows } from './position-deletes';
export {
  asNextVersion,
  createTable,
  currentSchema,
  currentSnapshot,
  withoutExpired,
  withProperties,
  withSchema,
  withSnapshot,
  type Snapshot,
  type SnapshotSummary,
  type TableMetadata,
} from './table-metadata';
