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
  partitionColumn,
  pathText,
  schemaColumns,
  systemColumns,
  tableColumns,
  unfitColumn,
  type Column,
} from './columns';
export * from './catalog';
export { isDefinitionName } from './check-members';
export { DefinitionError, type DefinitionKind } from './definition-error';
export {
  checkTables,
  defineEvent,
  tableName,
  type EventDefinition,
  type EventOf,
  type EventType,
} from './define-event';
export {
  defineReference,
  referenceColumns,
  type ReferenceDefinition,
  type ReferenceTable,
} from './define-reference';
export {
  defineJoin,
  joinColumns,
  type Join,
  type JoinColumn,
  type JoinDefinition,
  type JoinEngine,
  type JoinSide,
  type JoinType,
} from './define-join';
export { joinQuery, joinReportQuery, type JoinReport } from './join-query';
export { defineQuery, type NamedQuery, type QueryDefinition } from './define-query';
export {
  athenaLiteral,
  bindQuery,
  preparedParameters,
  preparedSql,
  type BoundQuery,
  type ParameterProblem,
} from './bind-query';
export {
  parameterSchema,
  type BoundValue,
  type ParameterDefinition,
  type ParameterType,
  type ParameterValue,
} from './query-parameter';
export { sqlName, sqlText } from './sql-text';
export { athenaTable, type AthenaTableOptions } from './athena-table';
export { dataDictionary } from './data-dictionary';
export { lookupResponseSchema, lookupRowSchema } from './look-up-response';
export { glueColumn, glueColumns, glueType, rawTableName, type GlueColumn } from './glue';
export { pointerStep, supportedKeywords, type JsonSchema } from './json-schema';
export {
  batchRequestModel,
  maxBatchEvents,
  requestModel,
  type Draft4Schema,
} from './request-model';
export * from './events';
export * from './joins';
export * from './queries';
export * from './references';
export { shippedCatalog } from './shipped-catalog';
