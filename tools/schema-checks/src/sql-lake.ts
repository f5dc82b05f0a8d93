import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { createRowTableBuilder } from '@sluice/columns';
import {
  catalogTables,
  referenceColumns,
  sqlName,
  sqlText,
  tableColumns,
  tableName,
  type CatalogTable,
  type Column,
  type EventType,
  type Join,
  type ReferenceTable,
} from '@sluice/event-schema';
import { compactedKey, referenceKey, type LakeDate } from '@sluice/lake-layout';
import { writeParquet, type ParquetLayout } from '@sluice/parquet-writing';
import { compileFlattener } from '@sluice/record-flattening';

const bucket = 'lake';
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const layout: ParquetLayout = { codec: 'zstd', rowGroupRows: 2048, statistics: [] };

export interface SqlLakeDefinitions {
  readonly eventTypes: readonly EventType[];
  readonly references: readonly ReferenceTable[];
  readonly joins: readonly Join[];
}

/** A lake of files in a temporary folder, which DuckDB sees only through the tables of its catalog. */
export class SqlLake {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sql-lake-'));
  readonly #tables: readonly CatalogTable[];
  readonly #eventTypes: readonly EventType[];
  /** Keys of the files of events by table and day. */
  readonly #days = new Map<string, Map<LakeDate, string[]>>();
  #files = 0;

  constructor(definitions: SqlLakeDefinitions) {
    this.#eventTypes = definitions.eventTypes;
    this.#tables = catalogTables({ ...definitions, bucket, database: 'sluice_test' });
  }

  /** Adds a file of flattened events to a day. @param texts one event each, as JSON */
  addEvents(
    eventType: EventType,
    date: LakeDate,
    texts: Iterable<string>,
    arrivalMs = Date.parse(date),
  ): void {
    const flattener = compileFlattener(eventType);
    const origin = { shardId: 'shardId-0', sequenceNumber: '1', arrivalMs };
    const rows = [...texts].map((text) => {
      const flat = flattener.flatten(encoder.encode(text), origin);
      if (flat.status !== 'rows') throw new Error(`${JSON.stringify(flat)} for ${text}`);
      return JSON.parse(decoder.decode(flat.bytes)) as Readonly<Record<string, unknown>>;
    });
    const table = tableName(eventType);
    const key = compactedKey(table, date, String(++this.#files));
    this.#write(key, parquet(tableColumns(eventType), rows));
    const days = this.#days.get(table) ?? new Map<LakeDate, string[]>();
    this.#days.set(table, days.set(date, [...(days.get(date) ?? []), key]));
  }

  /** Replaces a reference table. @param rows as parsed from JSON */
  putReference(reference: ReferenceTable, rows: readonly unknown[]): void {
    const columns = referenceColumns(reference);
    const cells = rows.map((row) =>
      Object.fromEntries(columns.map((column) => [column.name, cell(column, row)])),
    );
    this.#write(referenceKey(reference.name), parquet(columns, cells));
  }

  /** Opens DuckDB over the current files: those of events under the tables' names, of references, and views. */
  async open(): Promise<DuckDBConnection> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    const create = (name: string, select: string | undefined): Promise<unknown> =>
      select ? connection.run(`CREATE VIEW ${sqlName(name)} AS ${select}`) : Promise.resolve();
    for (const table of this.#eventTypes.map(tableName)) await create(table, this.#rowsSql(table));
    for (const { tableInput, sql } of this.#tables)
      if (sql === undefined || this.#days.has(tableInput.name.replace(/_latest$/, '')))
        await create(tableInput.name, sql ?? this.#filesSql(tableInput));
    return connection;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #readSql(keys: readonly string[]): string {
    const files = keys.map((key) => sqlText(join(this.#folder, key))).join(', ');
    return `SELECT * FROM read_parquet([${files}], hive_partitioning = false)`;
  }

  #rowsSql(table: string): string | undefined {
    const days = [...(this.#days.get(table) ?? [])].map(
      ([date, keys]) => `SELECT *, ${sqlText(date)} AS "dt" FROM (${this.#readSql(keys)})`,
    );
    return days.length > 0 ? days.join(' UNION ALL ') : undefined;
  }

  /** Returns a query for a reference table; undefined for tables that nothing writes here. */
  #filesSql({ storageDescriptor, partitionKeys }: CatalogTable['tableInput']): string | undefined {
    const prefix = /^s3:\/\/lake\/(.*)$/.exec(storageDescriptor.location ?? '')?.[1] ?? '';
    return partitionKeys.length === 0
      ? this.#readSql(this.#list(prefix).map((name) => prefix + name))
      : undefined;
  }

  #write(key: string, bytes: Uint8Array): void {
    const file = join(this.#folder, key);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }

  #list(prefix: string): readonly string[] {
    try {
      return readdirSync(join(this.#folder, prefix)).sort();
    } catch {
      return [];
    }
  }
}

function parquet(
  columns: readonly Column[],
  rows: readonly Readonly<Record<string, unknown>>[],
): Uint8Array {
  const builder = createRowTableBuilder(columns);
  for (const row of rows) {
    const fault = builder.append(row);
    if (fault) throw new Error(`${fault.column}: ${fault.detail}`);
  }
  return writeParquet(builder.finish(), layout).bytes;
}

/** Returns the value of a column in an unflattened row. */
function cell({ path, type }: Column, row: unknown): unknown {
  const value = path.reduce<unknown>(
    (at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name],
    row,
  );
  return type.kind === 'json' && value !== null && value !== undefined
    ? JSON.stringify(value)
    : value;
}

/** Returns the rows of a query; 64-bit integers are texts. */
export async function queryRows(
  connection: DuckDBConnection,
  sql: string,
  values: readonly DuckDBValue[] = [],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await connection.runAndReadAll(sql, [...values])).getRowObjectsJson();
}
