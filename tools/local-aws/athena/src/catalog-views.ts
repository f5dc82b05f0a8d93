import type { CatalogTable, FileTable } from './glue-catalog';
import type { FileSnapshot } from './file-snapshot';
import { crawledFolders, tableFiles } from './table-files';
import { detectedTableSql, parquetTableSql } from './table-sql';

/** What a query can name. */
export interface Catalog {
  /** Database of names that a query does not qualify. */
  readonly database: string;
  readonly tables: readonly CatalogTable[];
  /** Folders below it that no table has are tables too, as a crawler would make them. */
  readonly crawled: { readonly bucket: string; readonly prefix: string } | undefined;
}

/** A view to create before a query. */
export interface CatalogView {
  readonly database: string;
  readonly name: string;
  readonly sql: string;
  /** What it reads by itself; none where it is over other views. */
  readonly files: readonly string[];
}

export interface CatalogViewsOptions {
  readonly catalog: Catalog;
  /** Folder of the objects. */
  readonly objects: string;
  readonly snapshot: FileSnapshot;
  /** The query; what it does not mention is left out. */
  readonly sql: string;
}

/** Statements that look at the catalog itself see all of it. */
const looksAtCatalog = /\b(?:information_schema|show|describe|duckdb_\w+)\b/i;

/**
 * Returns the views that a query needs, over the files as they are now.
 *
 * @throws {@link FileGoneError} where a file went away between its listing and its linking
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

/** Returns the table name of a folder. Source: Glue developer guide, "Crawler naming": lower case, and `_` for what is no letter, digit or `_`. */
export const crawledName = (folder: string): string =>
  folder.toLowerCase().replace(/[^a-z0-9_]/g, '_');

/** Decides whether a query mentions a name, itself or by a view. A few too many do no harm. */
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
