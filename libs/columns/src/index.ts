export { arrowColumn, type ArrowColumn } from './arrow-column';
export { CastError, castColumn } from './cast-column';
export { nullsOf } from './column-memory';
export { cellWriter } from './column-values';
export {
  columnsSchema,
  createRowTableBuilder,
  tableOf,
  type ConversionFault,
  type RowTableBuilder,
} from './row-table-builder';
export { cellReader, storedReader, storedType } from './stored-values';
