import type { CatalogTable, FileTable } from './glue-catalog';
import type { FileSnapshot } from './file-snapshot';
import type { CatalogView } from './catalog-view';
import { icebergTableView } from './iceberg-table';
import { crawledFolders, tableFiles } from './table-files';
import { detectedTableSql, parquetTableSql } from './table-sql';

/** The tables that queries can name. */
export interface Catalog {
  /** Database of table names that a query does not qualify. */
  readonly database: string;
  readonly tables: readonly CatalogTable[];
  /** Folder whose subfolders are tables too, unless a table has them, as if a crawler had run. */
  readonly crawled: { readonly bucket: string; readonly prefix: string } | undefined;
}

export interface CatalogViewsOptions {
  readonly catalog: Catalog;
  /** Folder in which the objects are stored. */
  readonly objects: string;
  readonly snapshot: FileSnapshot;
  /** The query. Tables that it does not mention are left out. */
  readonly sql: string;
}

/** Matches statements that examine the catalog itself, and therefore get all of it. */
const looksAtCatalog = /\b(?:information_schema|show|describe|duckdb_\w+)\b/i;

/**
 * Returns the views that a query needs, over the files as they are now.
 *
 * @throws {@link FileGoneError} where a file was deleted between its listing and its linking
 */
export async function catalogViews({
  catalog,
  objects,
  snapshot,
  sql,
}: CatalogViewsOptions): Promise<readonly CatalogView[]> {
  const isWanted = looksAtCatalog.test(sql) ? () => true : mentioned(catalog.tables, sql);
  const views = await Promise.all(
    catalog.tables
      .filter((table) => isWanted(table.name))
      .map(async (table) =>
        table.kind === 'view'
          ? { database: table.database, name: table.name, sql: table.sql, files: [] }
          : table.kind === 'iceberg'
            ? icebergTableView(objects, snapshot, table)
            : fileTableView(objects, snapshot, table),
      ),
  );
  return [...views, ...(await crawledViews({ catalog, objects, snapshot, isWanted }))];
}

async function fileTableView(
  objects: string,
  snapshot: FileSnapshot,
  table: FileTable,
): Promise<CatalogView> {
  const { database, name, columns, partitionKeys } = table;
  const files = await snapshot.add(
    name,
    await tableFiles(objects, table),
    partitionKeys.map((key) => key.name),
  );
  return { database, name, sql: parquetTableSql({ columns, partitionKeys, files }), files };
}

async function crawledViews({
  catalog: { crawled, tables, database },
  objects,
  snapshot,
  isWanted,
}: Omit<CatalogViewsOptions, 'sql'> & {
  readonly isWanted: (name: string) => boolean;
}): Promise<readonly CatalogView[]> {
  if (!crawled) return [];
  const folders = await crawledFolders(objects, crawled.bucket, crawled.prefix);
  const views: CatalogView[] = [];
  for (const [folder, files] of folders) {
    const name = crawledName(folder);
    if (tables.some((table) => table.name === name) || !isWanted(name)) continue;
    const linked = await snapshot.add(folder, files, []);
    const sql = detectedTableSql(linked);
    if (sql !== undefined) views.push({ database, name, sql, files: linked });
  }
  return views;
}

/**
 * Returns the table name of a folder: lower case, with `_` for every character other than letters, digits and `_`.
 * Source: Glue developer guide, "Crawler naming".
 */
export const crawledName = (folder: string): string =>
  folder.toLowerCase().replace(/[^a-z0-9_]/g, '_');

/**
 * Returns a function that decides whether a query mentions a table name, directly or through a view. It may say yes
 * too often, which does no harm.
 */
function mentioned(tables: readonly CatalogTable[], sql: string): (name: string) => boolean {
  const texts = [sql.toLowerCase()];
  const holds = (name: string): boolean => texts.some((text) => text.includes(name));
  const waiting = tables.filter((table) => table.kind === 'view');
  for (;;) {
    const at = waiting.findIndex(({ name }) => holds(name));
    const [view] = at < 0 ? [] : waiting.splice(at, 1);
    if (!view) return holds;
    texts.push(view.sql.toLowerCase());
  }
}
