import { parseObjectPath } from '@sluice/lake-layout';

export interface CatalogColumn {
  readonly name: string;
  /** Type as Glue writes it: `bigint`, `array<string>`. */
  readonly type: string;
}

interface NamedTable {
  readonly database: string;
  readonly name: string;
}

/** A table over Parquet files. */
export interface FileTable extends NamedTable {
  readonly kind: 'files';
  /** Columns in the files, without the partition keys. */
  readonly columns: readonly CatalogColumn[];
  readonly partitionKeys: readonly CatalogColumn[];
  readonly bucket: string;
  /** Key prefix of the table's objects; ends with `/`. */
  readonly prefix: string;
  /** True where the files below the prefix only list the files that hold the rows, one `s3://` address a line. */
  readonly isSymlink: boolean;
}

export interface ViewTable extends NamedTable {
  readonly kind: 'view';
  readonly columns: readonly CatalogColumn[];
  readonly sql: string;
}

/** An Iceberg table, which no template has because a function makes it. */
export interface IcebergTable extends NamedTable {
  readonly kind: 'iceberg';
  /** Columns of the table while it has no metadata. */
  readonly columns: readonly CatalogColumn[];
  readonly bucket: string;
  /** Key prefix of the folder of its metadata; ends with `/`. */
  readonly prefix: string;
}

export type CatalogTable = FileTable | ViewTable | IcebergTable;

interface TableInput {
  readonly Name: string;
  readonly TableType?: string;
  readonly ViewOriginalText?: string;
  readonly Parameters?: Readonly<Record<string, string>>;
  readonly PartitionKeys?: readonly GlueColumn[];
  readonly StorageDescriptor?: {
    readonly Columns?: readonly GlueColumn[];
    readonly InputFormat?: string;
    readonly Location?: string;
  };
}

interface GlueColumn {
  readonly Name: string;
  readonly Type?: string;
}

const symlinkFormat = 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat';

/**
 * Reads the table that an `AWS::Glue::Table` of a template describes, with its references resolved. Sources: Athena
 * user guide, "Partition projection" (`storage.location.template` takes precedence over the location); for views, the
 * base64 text that Athena keeps in `ViewOriginalText`.
 *
 * @throws Error for a view or a location that can't be read
 */
export function readGlueTable({
  ref,
  properties,
}: {
  readonly ref: string;
  readonly properties: Readonly<Record<string, unknown>>;
}): CatalogTable {
  const input = properties['TableInput'] as TableInput;
  const named = { database: String(properties['DatabaseName']), name: input.Name };
  const storage = input.StorageDescriptor ?? {};
  const columns = (storage.Columns ?? []).map(catalogColumn);
  if (input.TableType === 'VIRTUAL_VIEW')
    return { ...named, kind: 'view', columns, sql: viewSql(ref, input.ViewOriginalText ?? '') };

  const location = input.Parameters?.['storage.location.template'] ?? storage.Location ?? '';
  const found = parseObjectPath(location);
  if (!found)
    throw new Error(
      `the Glue table ${ref} has the location "${location}", which is not s3://bucket/…`,
    );
  return {
    ...named,
    kind: 'files',
    columns,
    partitionKeys: (input.PartitionKeys ?? []).map(catalogColumn),
    bucket: found.bucket,
    prefix: folderOf(found.key.replace(/\$.*/, '')),
    isSymlink: storage.InputFormat === symlinkFormat,
  };
}

const catalogColumn = ({ Name, Type = 'string' }: GlueColumn): CatalogColumn => ({
  name: Name,
  type: Type,
});

/** Returns the folder part of a template before its first placeholder: `a/b/dt=` → `a/b/`. */
const folderOf = (path: string): string =>
  path === '' || path.endsWith('/')
    ? path
    : path.includes('=')
      ? path.replace(/[^/]*$/, '')
      : `${path}/`;

function viewSql(name: string, text: string): string {
  const [, encoded] = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(text) ?? [];
  if (encoded === undefined)
    throw new Error(`the Glue view ${name} has no text of the form /* Presto View: <base64> */`);
  const { originalSql } = JSON.parse(Buffer.from(encoded, 'base64').toString()) as {
    readonly originalSql?: unknown;
  };
  if (typeof originalSql !== 'string') throw new Error(`the Glue view ${name} has no originalSql`);
  return originalSql;
}
