export {
  nodeShape,
  type ColumnType,
  type NodeShape,
  type ScalarType,
  type TimestampDigits,
} from './column-type';
export {
  columnName,
  eventColumns,
  keyColumn,
  pathText,
  schemaColumns,
  systemColumns,
  tableColumns,
  type Column,
} from './columns';
export { DefinitionError } from './definition-error';
export {
  checkTables,
  defineEvent,
  tableName,
  type EventDefinition,
  type EventOf,
  type EventType,
} from './define-event';
export { athenaTable, type AthenaTableOptions } from './athena-table';
export { dataDictionary } from './data-dictionary';
export { lookupResponseSchema, lookupRowSchema } from './look-up-response';
export { glueColumns, glueType, rawTableName, type GlueColumn } from './glue';
export { pointerStep, supportedKeywords, type JsonSchema } from './json-schema';
export {
  batchRequestModel,
  maxBatchEvents,
  requestModel,
  type Draft4Schema,
} from './request-model';
export * from './events';
