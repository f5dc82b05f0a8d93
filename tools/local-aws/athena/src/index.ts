/**
 * Athena over a folder of plain files: DuckDB runs the queries.
 *
 * @example
 * const engine = startQueryProcess('query-worker.mjs', { catalog, objects: 's3', memoryMb: 1024 });
 * const executions = new QueryExecutions({
 *   objects: 's3', records: new RecordFolder('athena'), workGroups, run: engine.run, timeoutMs: 60_000,
 * });
 * await startAwsJson({ port: 4605, credentials, services: [athenaApi(executions)], reportError });
 */
export { startQueryProcess } from './query-process';
export { QueryExecutions, type QueryExecution, type WorkGroup } from './query-executions';
export { athenaApi, athenaTasks } from './athena-api';

/** Catalog of the tables that queries see: tables of Glue, and folders for which a crawler would create tables. */
export { readGlueTable, type CatalogColumn, type CatalogTable } from './glue-catalog';
export { crawledName, type Catalog } from './catalog-views';
export { crawledFolders } from './table-files';
