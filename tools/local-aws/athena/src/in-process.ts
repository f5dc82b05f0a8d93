/** The query engine without the service: runs one statement over the current files, in this process, which loads DuckDB. */
export { inSession } from './query-engine';
export type { DuckDbSession } from './duckdb-session';
export { FileGoneError, FileSnapshot } from './file-snapshot';
export { resultText, type ResultColumn } from './result-text';
export { hasSnapshot } from './iceberg-table';
export { trimStatement } from './sql-text';
