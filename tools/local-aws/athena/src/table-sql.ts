import { sqlName, sqlText } from '@sluice/event-schema/sql-text';
import type { CatalogColumn } from './glue-catalog';
import { duckDbType } from './duckdb-type';

export interface TableSqlOptions {
  readonly columns: readonly CatalogColumn[];
  readonly partitionKeys: readonly CatalogColumn[];
  /** Paths of the files, each below folders `key=value` for all partition keys, in the same order. */
  readonly files: readonly string[];
}

/**
 * Returns a query for the rows of Parquet files under a table's columns, as Athena reads them: by name, with null
 * where a file lacks a column, and without columns that are not declared. A condition on a partition key excludes
 * files from reading.
 */
export function parquetTableSql({ columns, partitionKeys, files }: TableSqlOptions): string {
  const all = [...columns, ...partitionKeys];
  const none = all.map(({ name, type }) => `CAST(NULL AS ${duckDbType(type)}) AS ${sqlName(name)}`);
  const empty = `SELECT ${none.join(', ')} WHERE false`;
  if (files.length === 0) return empty;
  const hive =
    partitionKeys.length === 0
      ? 'hive_partitioning = false'
      : `hive_partitioning = true, hive_types = {${partitionKeys
          .map(({ name }) => `${sqlName(name)}: VARCHAR`)
          .join(', ')}}`;
  const list = files.map(sqlText).join(', ');
  const casts = all.map(
    ({ name, type }) => `CAST(${sqlName(name)} AS ${duckDbType(type)}) AS ${sqlName(name)}`,
  );
  return [
    `SELECT ${casts.join(', ')} FROM (`,
    `SELECT * FROM read_parquet([${list}], ${hive}, union_by_name = true)`,
    `UNION ALL BY NAME ${empty})`,
  ].join(' ');
}

/** DuckDB's readers by file extension. (A crawler would detect the format by the content.) */
const readers: readonly (readonly [RegExp, string])[] = [
  [/\.parquet$/i, 'read_parquet'],
  [/\.(?:csv|tsv)(?:\.gz)?$/i, 'read_csv'],
  [/\.(?:json|ndjson|jsonl)(?:\.gz)?$/i, 'read_json'],
];

/**
 * Returns a query for files of one format, whose columns DuckDB detects; undefined where the extensions are of no
 * single known format.
 */
export function detectedTableSql(files: readonly string[]): string | undefined {
  const [, reader] =
    readers.find(([ending]) => files.length > 0 && files.every((file) => ending.test(file))) ?? [];
  return (
    reader && `SELECT * FROM ${reader}([${files.map(sqlText).join(', ')}], union_by_name = true)`
  );
}
