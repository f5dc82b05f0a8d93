import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { catalogTables, type CatalogOptions, type CatalogTable } from '../catalog/catalog-tables';
import { referenceColumns } from '../definitions/define-reference';
import { joinColumns } from '../definitions/define-join';
import { tableColumns } from '../definitions/table-columns';
import type { Column } from '../schema/columns';
import { sqlName } from '../sql/sql-text';
import { duckDbType } from '../sql/type-names';
import { catalogNames, rowColumns } from '../sql/views';

export type DuckDbRow = Readonly<Record<string, unknown>>;

/**
 * One engine with one thread for all catalogues of a test file, because starting one takes as long as a whole random
 * case.
 */
let engine: Promise<DuckDBInstance> | undefined;
let catalogs = 0;

/**
 * A catalogue in DuckDB, in memory: its tables exist, empty, those of rows among them, and its views are those of
 * Glue.
 */
export class DuckDbCatalog {
  private constructor(
    readonly connection: DuckDBConnection,
    readonly tables: readonly CatalogTable[],
  ) {}

  static async create(
    definitions: Pick<CatalogOptions, 'eventTypes' | 'references' | 'joins'>,
  ): Promise<DuckDbCatalog> {
    engine ??= DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await (await engine).connect();
    // A catalogue sees only its own database.
    const database = `catalog_${++catalogs}`;
    await connection.run(`ATTACH ':memory:' AS ${database}; USE ${database}`);
    const tables = catalogTables({ ...definitions, bucket: 'lake', database: 'sluice_test' });
    const columnsOf = ({ kind, source }: CatalogTable): readonly Column[] => {
      const named = ({ name }: { readonly name: string }): boolean => name === source;
      if (kind === 'reference')
        return definitions.references.filter(named).flatMap(referenceColumns);
      if (kind === 'result') return definitions.joins.filter(named).flatMap(joinColumns);
      return definitions.eventTypes.filter(named).flatMap(tableColumns);
    };
    for (const eventType of definitions.eventTypes) {
      const columns = rowColumns(eventType).map(
        ({ name, type }) => `${sqlName(name)} ${duckDbType(type)}`,
      );
      const name = sqlName(catalogNames(eventType).rows);
      await connection.run(`CREATE TABLE ${name} (${columns.join(', ')})`);
    }
    for (const table of tables) {
      const name = sqlName(table.tableInput.name);
      if (table.sql !== undefined) {
        await connection.run(`CREATE VIEW ${name} AS ${table.sql}`);
        continue;
      }
      const columns = [
        ...columnsOf(table).map((column) => `${sqlName(column.name)} ${duckDbType(column.type)}`),
        ...table.tableInput.partitionKeys.map((key) => `${sqlName(key.name)} VARCHAR`),
      ];
      await connection.run(`CREATE TABLE ${name} (${columns.join(', ')})`);
    }
    return new DuckDbCatalog(connection, tables);
  }

  /** Returns the rows of a query, with values as DuckDB writes them in JSON: 64-bit integers and decimals are texts. */
  async rows(sql: string, values: readonly DuckDBValue[] = []): Promise<readonly DuckDbRow[]> {
    const reader = await this.connection.runAndReadAll(sql, [...values]);
    return reader.getRowObjectsJson();
  }

  /** Adds rows. A text is cast to the type of its column; columns that are left out are null. */
  async insert(
    table: string,
    rows: readonly Readonly<Record<string, DuckDBValue>>[],
  ): Promise<void> {
    if (rows.length === 0) return;
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const places = `(${names.map(() => '?').join(', ')})`;
    await this.connection.run(
      `INSERT INTO ${sqlName(table)} (${names.map(sqlName).join(', ')}) VALUES ${rows.map(() => places).join(', ')}`,
      rows.flatMap((row) => names.map((name) => row[name] ?? null)),
    );
  }

  close(): void {
    this.connection.closeSync();
  }
}
