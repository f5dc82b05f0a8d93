export { arrowColumn, type ArrowColumn } from './arrow-column';
export { CastError, castColumn, decimalText, floorDivide, timestampText } from './cast-column';
export { nullsOf } from './column-memory';
export {
  columnsSchema,
  createRowTableBuilder,
  tableOf,
  type ConversionFault,
  type RowTableBuilder,
} from './row-table-builder';
