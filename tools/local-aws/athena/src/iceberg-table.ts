import { objectPath, parseObjectPath, type S3Address } from '@sluice/lake-layout';
import { sqlName, sqlText } from '@sluice/event-schema/sql-text';
import {
  currentSchema,
  currentSnapshot,
  decodeManifestFile,
  decodeManifestList,
  entryStatus,
  hiveType,
  metadataFileName,
  versionHintName,
  type ManifestFileInfo,
  type TableMetadata,
} from '@sluice/iceberg-metadata';
import { objectFile } from '@sluice/local-state-files';
import { readFile } from 'node:fs/promises';
import type { CatalogView } from './catalog-view';
import { duckDbType } from './duckdb-type';
import { FileGoneError, type FileSnapshot } from './file-snapshot';
import type { CatalogColumn, IcebergTable } from './glue-catalog';
import type { TableFile } from './table-files';
import { parquetTableSql } from './table-sql';

/** The only partition column of a published table, which is not in the files. */
const day: CatalogColumn = { name: 'dt', type: 'string' };

/**
 * Returns the view of the current snapshot of an Iceberg table: the rows of its data files, by the columns of its
 * schema, without those that are deleted by position. A table without metadata has no rows.
 *
 * @throws {@link FileGoneError} where a file was deleted after the pointer was read
 */
export async function icebergTableView(
  objects: string,
  snapshot: FileSnapshot,
  table: IcebergTable,
): Promise<CatalogView> {
  const { database, name } = table;
  const metadata = await readMetadata(objects, table);
  const columns = metadata
    ? currentSchema(metadata)
        .fields.filter((field) => field.name !== day.name)
        .map((field): CatalogColumn => ({ name: field.name, type: hiveType(field.type) }))
    : table.columns;
  const { data, deletes } = await namedFiles(objects, metadata);
  const deletedDays = new Set(deletes.map(({ partition }) => partition[day.name]));
  const isChanged = ({ partition }: TableFile): boolean => deletedDays.has(partition[day.name]);
  const whole = await snapshot.add(
    name,
    data.filter((file) => !isChanged(file)),
    [day.name],
  );
  const changedFiles = data.filter(isChanged);
  const changed = await snapshot.add(`${name}-changed`, changedFiles, [day.name]);
  const deleted = await snapshot.add(`${name}-deletes`, deletes, [day.name]);
  const rest = parquetTableSql({ columns, partitionKeys: [day], files: whole });
  return {
    database,
    name,
    sql:
      changed.length === 0
        ? rest
        : `${rest} UNION ALL BY NAME ${changedDaysSql(columns, {
            files: changed.map((file, index) => ({
              file,
              address: changedFiles[index]?.address ?? '',
            })),
            deleted,
          })}`,
    files: [...whole, ...changed, ...deleted],
  };
}

/** Returns a query for the rows of files of which some rows are deleted by position (Iceberg spec, "Position Delete Files"). */
function changedDaysSql(
  columns: readonly CatalogColumn[],
  {
    files,
    deleted,
  }: {
    readonly files: readonly { readonly file: string; readonly address: string }[];
    readonly deleted: readonly string[];
  },
): string {
  const [position, path] = ['file_row_number', 'filename'].map(sqlName);
  const names = files
    .map(({ file, address }) => `(${sqlText(file)}, ${sqlText(address)})`)
    .join(', ');
  const casts = [...columns, day].map(
    ({ name, type }) => `CAST(${sqlName(name)} AS ${duckDbType(type)}) AS ${sqlName(name)}`,
  );
  const none = columns.map(
    ({ name, type }) => `CAST(NULL AS ${duckDbType(type)}) AS ${sqlName(name)}`,
  );
  const list = (all: readonly string[]): string => `[${all.map(sqlText).join(', ')}]`;
  return [
    `SELECT ${casts.join(', ')} FROM (`,
    `SELECT * FROM read_parquet(${list(files.map(({ file }) => file))}, hive_partitioning = true, hive_types = {${sqlName(day.name)}: VARCHAR}, union_by_name = true, filename = true, file_row_number = true)`,
    `UNION ALL BY NAME SELECT ${none.join(', ')} WHERE false) AS "rows"`,
    `ANTI JOIN (SELECT "files"."file" AS "deleted file", "pos" AS "deleted row"`,
    `FROM read_parquet(${list(deleted)}, hive_partitioning = false) AS "deletes"`,
    `JOIN (VALUES ${names}) AS "files"("file", "address") ON "deletes"."file_path" = "files"."address") AS "deleted"`,
    `ON "rows".${path ?? ''} = "deleted file" AND "rows".${position ?? ''} = "deleted row"`,
  ].join(' ');
}

/** Decides whether a table was ever published. Until then it has no rows. */
export async function hasSnapshot(objects: string, table: IcebergTable): Promise<boolean> {
  const metadata = await readMetadata(objects, table);
  return metadata !== undefined && currentSnapshot(metadata) !== undefined;
}

async function readMetadata(
  objects: string,
  { bucket, prefix }: IcebergTable,
): Promise<TableMetadata | undefined> {
  const hint = await readObject(objects, bucket, `${prefix}${versionHintName}`).catch(
    () => undefined,
  );
  if (!hint) return undefined;
  const version = Number(hint.toString().trim());
  const bytes = await readObject(objects, bucket, `${prefix}${metadataFileName(version)}`);
  return JSON.parse(bytes.toString()) as TableMetadata;
}

interface NamedFiles {
  readonly data: readonly TableFile[];
  readonly deletes: readonly TableFile[];
}

async function namedFiles(
  objects: string,
  metadata: TableMetadata | undefined,
): Promise<NamedFiles> {
  const snapshot = metadata && currentSnapshot(metadata);
  if (!snapshot) return { data: [], deletes: [] };
  const manifests = await decodeManifestList(await readAddress(objects, snapshot['manifest-list']));
  const filesOf = async (content: ManifestFileInfo['content']): Promise<readonly TableFile[]> => {
    const found = await Promise.all(
      manifests
        .filter((manifest) => manifest.content === content)
        .map(async ({ path, addedSnapshotId, sequenceNumber }) => {
          const entries = await decodeManifestFile(await readAddress(objects, path), {
            snapshotId: addedSnapshotId,
            sequenceNumber,
          });
          return entries
            .filter(({ status }) => status !== entryStatus.deleted)
            .map(({ file }): TableFile => {
              const { bucket, key } = parseAddress(file.path);
              return {
                path: objectFile(objects, bucket, key) ?? '',
                address: file.path,
                partition: { [day.name]: file.dt },
              };
            });
        }),
    );
    return found.flat();
  };
  return { data: await filesOf('data'), deletes: await filesOf('deletes') };
}

const parseAddress = (address: string): S3Address =>
  parseObjectPath(address) ?? { bucket: '', key: '' };

const readAddress = (objects: string, address: string): Promise<Buffer> => {
  const { bucket, key } = parseAddress(address);
  return readObject(objects, bucket, key);
};

/** Reads an object. @throws {@link FileGoneError} where it is not there */
async function readObject(objects: string, bucket: string, key: string): Promise<Buffer> {
  try {
    return await readFile(objectFile(objects, bucket, key) ?? '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new FileGoneError(objectPath(bucket, key));
  }
}
