// schema: the part of JSON Schema that definitions use, and the columns it makes
export { nodeShape, type NodeShape } from './schema/column-type';
export type { ColumnType, ScalarType, TimestampDigits } from '@sluice/values';
export {
  columnName,
  columnNameOf,
  pathText,
  schemaColumns,
  unfitColumn,
  type Column,
} from './schema/columns';
export {
  eventIdColumn,
  ingestedAtColumn,
  isReservedColumnName,
  maxRecordTextBytes,
  partitionColumn,
  systemColumns,
  unmappedColumn,
  type RecordOrigin,
  type SystemColumn,
} from './schema/system-columns';
export { glueType } from './sql/type-names';
export { patternMatcher, type PatternMatcher } from './pattern/pattern';
export { isRestricted } from './schema/restricted';
export { supportedKeywords, type JsonSchema } from './schema/json-schema';

// definitions: event types, reference tables, joins and queries, as checked values
export {
  eventColumns,
  keyColumn,
  maxKeyBytes,
  momentColumns,
  tableColumns,
  timeColumn,
} from './definitions/table-columns';
export { lookupParameters, maxIndexes, type LookupParameter } from './definitions/check-indexes';
export { isDefinitionName } from './definitions/check-members';
export { DefinitionError, type DefinitionKind } from './definitions/definition-error';
export {
  checkTables,
  defineEvent,
  tableName,
  type EventDefinition,
  type EventOf,
  type EventType,
} from './definitions/define-event';
export {
  defineReference,
  referenceColumns,
  type ReferenceDefinition,
  type ReferenceTable,
} from './definitions/define-reference';
export {
  defineJoin,
  joinColumns,
  type Join,
  type JoinColumn,
  type JoinDefinition,
  type JoinEngine,
  type JoinSide,
  type JoinType,
  sideTable,
} from './definitions/define-join';
export { defineQuery, type NamedQuery, type QueryDefinition } from './definitions/define-query';
export {
  parameterSchema,
  type BoundValue,
  type ParameterDefinition,
  type ParameterType,
  type ParameterValue,
} from './definitions/query-parameter';

export {
  defaultPrivateErrorDays,
  errorRetentionDays,
  hasSubject,
  isPrivate,
  needsPrivacySecrets,
  privacyRules,
  ruleOfPath,
  storedColumn,
  subjectPaths,
  type PrivacyDefinition,
  type PrivacyRule,
} from './definitions/privacy';

// access: who may see which columns
export { restrictedColumns, restrictedReferenceColumns } from './access/restricted-columns';
export {
  allowsAction,
  allowsEventType,
  checkKeyScopes,
  everyScope,
  keyActions,
  KeyScopesError,
  scopesByKeyId,
  seesRecords,
  seesRestricted,
  visibleColumns,
  visibleReferenceColumns,
  type KeyAction,
  type KeyScopes,
  type NamedKeyScopes,
  type ScopesOf,
} from './access/key-scopes';
export { queryAccess, type QueryAccess } from './access/query-access';

// derived: what follows from one event type
export { indexedColumns, indexType, type IndexedColumn } from './derived/index-type';
export { lookupResponseSchema } from './derived/look-up-response';
export { glueColumn, glueColumns, rawTableName, type GlueColumn } from './derived/glue-columns';
export {
  batchRequestModel,
  maxBatchEvents,
  requestModel,
  type Draft4Schema,
} from './derived/request-model';

// sql: texts in the dialect that Trino and DuckDB share
export { trinoType } from './sql/type-names';
export { catalogNames, latestView, rowColumns } from './sql/views';
export { joinQuery, joinReportQuery, type JoinReport } from './sql/join-query';
export {
  athenaLiteral,
  bindQuery,
  preparedParameters,
  preparedSql,
  type BoundQuery,
  type ParameterProblem,
} from './sql/bind-query';
export { sqlName, sqlText } from './sql/sql-text';

// catalog: the tables and views of a set of definitions
export {
  catalogTables,
  type CatalogKind,
  type CatalogOptions,
  type CatalogTable,
  type GlueTableInput,
} from './catalog/catalog-tables';
export { checkCatalog, type Catalog } from './catalog/check-catalog';
export { dataDictionary } from './catalog/data-dictionary';

// what every event type has
export { days } from './derived/days';
export { lakeQueries, rowsByKey, rowsByKeyName } from './derived/rows-by-key';
