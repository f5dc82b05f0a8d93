export { arrowColumn, type ArrowColumn } from './arrow-column';
export { CastError, castColumn } from './cast-column';
export { columnValue, storedType, storedValues } from './stored-values';
export { nullsOf } from './column-memory';
export { parseRowJson } from './row-json';
export {
  columnsSchema,
  createRowTableBuilder,
  tableOf,
  type ConversionFault,
  type RowTableBuilder,
} from './row-table-builder';
