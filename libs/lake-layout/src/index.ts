export {
  backfillKey,
  compactedKey,
  compactedPrefix,
  compactedTablePrefix,
  dateOfKey,
  errorsPrefix,
  sealedErrorsKey,
  sealedErrorsOfKey,
  icebergMetadataPrefix,
  icebergPrefix,
  indexFileKey,
  indexPrefix,
  incomingOfKey,
  incomingPrefix,
  keyFilterKey,
  keyFilterPrefix,
  lakeDate,
  manifestKey,
  manifestPrefix,
  movedKey,
  queryResultsPrefix,
  rawPrefix,
  rawTablePrefix,
  referenceKey,
  referencePrefix,
  referenceVersionKey,
  referenceVersionsPrefix,
  refusedPrefix,
  resultPrefix,
  resultRunOfKey,
  resultRunPrefix,
  resultSymlinkKey,
  resultSymlinkPrefix,
  sealedMarkerKey,
  sealedPrefix,
  takenPrefix,
  type LakeDate,
} from './keys';
export {
  decodeKeyFilter,
  isCurrentKeyForm,
  KeyFilterBuilder,
  keyFilterForm,
  keyFilterText,
  maxFilterKeys,
  type KeyFilter,
} from './key-filter';
export { filesWithKeys, sortedKeys } from './files-with-keys';
export { indexEntryName, keyOfIndexEntry } from './index-entry';
export {
  placesIn,
  placesKey,
  placesRange,
  placesSizes,
  RowPlacesBuilder,
  type GroupPlace,
} from './row-places';
export { compareUtf8, keyOrder, keyText, type KeyOrder, type KeyText } from './key-text';
export {
  filesToken,
  isIndexed,
  isRawFile,
  rawFileToken,
  unabsorbedFiles,
  type AbsorbedFiles,
  type CompactedFile,
  type DayIndex,
  type KeyFilterFile,
  type LateCounts,
  type Manifest,
  type RawFileToken,
  type ReplacedFiles,
  type PlacesFile,
  type RowPlace,
  type TimeBounds,
} from './manifest';
export { decodeManifest, encodeManifest, ManifestError } from './manifest-json';
export { commitManifest, readManifest, type StoredManifest } from './manifest-store';
export { MemoryObjectStore, type StoreCall } from './memory-object-store';
export {
  DamagedObjectError,
  ObjectNotFoundError,
  ObjectsNotDeletedError,
  PreconditionFailedError,
  RangeNotSatisfiableError,
  type GetOptions,
  type ListOptions,
  type NoncurrentVersions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type StoredObject,
  type UndeletedObject,
} from './object-store';
export {
  definitionFingerprint,
  readTableDefinitions,
  recordTableDefinition,
  tableDefinitionsKey,
  type StoredDefinition,
} from './table-definitions';
export { parseSymlink, SymlinkError, type S3Address } from './symlink';
export {
  isOperationId,
  operationRunsPrefix,
  queueRun,
  readRun,
  trackRun,
  type OperationKind,
  type OperationRun,
} from './operation-run';
export { lakeDatabase, stageOfBucket } from './stage-names';
