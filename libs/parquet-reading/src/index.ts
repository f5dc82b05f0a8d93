export { bytesSource, type ByteRange, type ByteSource, type ReadOptions } from './byte-source';
export { CorruptParquetError, ParquetError, UnsupportedParquetError } from './errors';
export {
  checkFile,
  readFooter,
  rowGroupCount,
  rowGroupRange,
  rowGroupRows,
  type FooterOptions,
  type ParquetFooter,
} from './footer';
export { keyDomain, type KeyBounds, type RawKey } from './key-bounds';
export {
  planKeyRead,
  readKeyGroups,
  type GroupRead,
  type KeyQuery,
  type KeyReadOptions,
  type KeyReadPlan,
  type KeyRow,
} from './key-read';
export { packFooter, unpackFooter, type PackFooterOptions } from './packed-footer';
export { readColumns, readRows, type ColumnBatch, type RowsOptions } from './read-rows';
export { columnLeaf, columnNamed, type FileColumn, type FileSchema } from './schema';
export type { Leaf } from './shape';
export { type Member, type Shape } from './shape';
export {
  type LeafType,
  type ParquetValue,
  type PhysicalType,
  type TimeUnit,
  type ValueType,
} from './value-type';
