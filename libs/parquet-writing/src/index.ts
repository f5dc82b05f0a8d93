export { columnBuilder, type ColumnBuilder } from './column-builder';
export { lookupFileRows, lookupLayout, rawLayout, type ParquetLayout } from './parquet-layout';
export {
  columnsSchema,
  createRowTableBuilder,
  type ConversionFault,
  type RowTableBuilder,
} from './row-table-builder';
export { writeParquet, type ParquetBytes } from './write-parquet';
