export {
  compactedKey,
  compactedPrefix,
  dateOfKey,
  errorsPrefix,
  lakeDate,
  manifestKey,
  manifestPrefix,
  rawPrefix,
  rawTablePrefix,
  type LakeDate,
} from './keys';
export { type AbsorbedFile, type CompactedFile, type KeyText, type Manifest } from './manifest';
export { MemoryObjectStore, type StoreCall } from './memory-object-store';
export {
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
