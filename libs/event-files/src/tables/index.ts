// A separate entry point (@sluice/event-files/tables): files of rows, which need parsers of CSV and Parquet.
export { isBooleanText, timeInUtc } from './cell-text';
export { cellJson, type CellColumn } from './csv-cell';
export { openCsvFile } from './csv-file';
export type { CsvRecord } from './csv-records';
export { openEventFile, type EventFile } from './event-file';
export type { EventText } from './event-text';
export { openParquetFile, readParquetFile, type OpenParquetFile } from './parquet-file';
export { columnSchema, jsonWriter, NotJsonError, unfitShape } from './parquet-value';
export { createRowWriter } from './row-writer';
