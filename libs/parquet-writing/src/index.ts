export { encodeParquet, type ParquetBytes } from './encode-parquet';
export { chooseLookupLayout, type LookupLayout, type LookupLayoutOptions } from './lookup-layout';
export { rawLayout, referenceLayout, type ParquetLayout } from './parquet-layout';
export { streamParquet } from './stream-parquet';
export { writeParquet } from './write-parquet';
