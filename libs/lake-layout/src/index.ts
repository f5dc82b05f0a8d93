export {
  compactedKey,
  compactedPrefix,
  compactedTablePrefix,
  dateOfKey,
  errorsPrefix,
  keyFilterKey,
  keyFilterPrefix,
  lakeDate,
  manifestKey,
  manifestPrefix,
  queryResultsPrefix,
  rawPrefix,
  rawTablePrefix,
  referenceKey,
  referencePrefix,
  referenceVersionKey,
  referenceVersionsPrefix,
  resultPrefix,
  resultRunOfKey,
  resultRunPrefix,
  resultSymlinkKey,
  resultSymlinkPrefix,
  sealedMarkerKey,
  sealedPrefix,
  symlinkKey,
  symlinkPrefix,
  type LakeDate,
} from './keys';
export { compareUtf8, keyOrder, keyText, type KeyOrder, type KeyText } from './key-text';
export {
  filesToken,
  isRawFile,
  rawFileToken,
  unabsorbedFiles,
  type AbsorbedFiles,
  type CompactedFile,
  type KeyFilterFile,
  type Manifest,
  type RawFileToken,
  type ReplacedFiles,
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
export { parseSymlink, SymlinkError, symlinkText, type S3Address } from './symlink';
