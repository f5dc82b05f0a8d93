import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
import {
  compactedKey,
  parseSymlink,
  referenceKey,
  symlinkKey,
  symlinkText,
  type LakeDate,
} from '@sluice/lake-layout';
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
  #files = 0;

  constructor(definitions: SqlLakeDefinitions) {
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
    const list = symlinkKey(table, date);
    const listed = this.#listed(list).map((address) => address.key);
    this.#write(list, encoder.encode(symlinkText(bucket, [...listed, key])));
  }

  /** Replaces a reference table. @param rows as parsed from JSON */
  putReference(reference: ReferenceTable, rows: readonly unknown[]): void {
    const columns = referenceColumns(reference);
    const cells = rows.map((row) =>
      Object.fromEntries(columns.map((column) => [column.name, cell(column, row)])),
    );
    this.#write(referenceKey(reference.name), parquet(columns, cells));
  }

  /** Opens DuckDB over the current files: plain Parquet, lists of files by day, and views. */
  async open(): Promise<DuckDBConnection> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    for (const { tableInput, sql } of this.#tables) {
      const name = sqlName(tableInput.name);
      const select = sql ?? this.#filesSql(tableInput);
      if (select) await connection.run(`CREATE VIEW ${name} AS ${select}`);
    }
    return connection;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #filesSql({ storageDescriptor, partitionKeys }: CatalogTable['tableInput']): string | undefined {
    const prefix = /^s3:\/\/lake\/(.*)$/.exec(storageDescriptor.location ?? '')?.[1] ?? '';
    const read = (keys: readonly string[]): string =>
      `SELECT * FROM read_parquet([${keys.map((key) => sqlText(join(this.#folder, key))).join(', ')}], hive_partitioning = false)`;
    if (partitionKeys.length === 0) return read(this.#list(prefix).map((name) => prefix + name));
    const days = this.#list(prefix).flatMap((folder) => {
      const date = folder.replace('dt=', '');
      const listed = this.#listed(`${prefix}${folder}/symlink.txt`).map(({ key }) => key);
      return listed.length > 0 ? [`SELECT *, ${sqlText(date)} AS "dt" FROM (${read(listed)})`] : [];
    });
    return days.length > 0 ? days.join(' UNION ALL ') : undefined;
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

  #listed(key: string): ReturnType<typeof parseSymlink> {
    try {
      return parseSymlink(readFileSync(join(this.#folder, key), 'utf8'));
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
