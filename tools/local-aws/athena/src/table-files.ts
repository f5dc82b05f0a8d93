import { objectPath, parseSymlink } from '@sluice/lake-layout';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { objectFile } from '@sluice/local-state-files';
import type { CatalogColumn, FileTable } from './glue-catalog';

/** A file of a table, with the values of the partition keys that its path gives. */
export interface TableFile {
  /** Path of the file on disk. */
  readonly path: string;
  /** The file's `s3://` address. */
  readonly address: string;
  readonly partition: Readonly<Record<string, string>>;
}

/**
 * Returns the files that hold a table's rows at this moment, as plain files below the objects' folder.
 *
 * @throws {@link SymlinkError} for a list of files that can't be read
 */
export async function tableFiles(objects: string, table: FileTable): Promise<readonly TableFile[]> {
  const found = await filesBelow(objects, table.bucket, table.prefix, table.partitionKeys);
  if (!table.isSymlink) return found;
  const lists = await Promise.all(
    found.map(async ({ path, partition }) =>
      parseSymlink(await readFile(path, 'utf8')).map((address) => ({ ...address, partition })),
    ),
  );
  return lists.flat().map(({ bucket, key, partition }) => ({
    // A key that no file can have is treated as a missing file.
    path: objectFile(objects, bucket, key) ?? '',
    address: objectPath(bucket, key),
    partition,
  }));
}

/** Returns the folders below a prefix with their files: those for which a crawler would create tables. */
export async function crawledFolders(
  objects: string,
  bucket: string,
  prefix: string,
): Promise<ReadonlyMap<string, readonly TableFile[]>> {
  const files = await filesBelow(objects, bucket, prefix, []);
  const folders = new Map<string, TableFile[]>();
  for (const file of files) {
    const rest = file.address.slice(objectPath(bucket, prefix).length);
    const folder = rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : '';
    if (folder !== '') folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return folders;
}

async function filesBelow(
  objects: string,
  bucket: string,
  prefix: string,
  partitionKeys: readonly CatalogColumn[],
): Promise<readonly TableFile[]> {
  const folder = objectFile(objects, bucket, prefix.replace(/\/$/, ''));
  if (folder === undefined) return [];
  const entries = await entriesBelow(folder);
  return entries
    .filter((entry) => !isHidden(entry))
    .sort()
    .map((entry) => ({
      path: join(folder, ...entry.split('/')),
      address: objectPath(bucket, `${prefix}${entry}`),
      partition: partitionOf(entry, partitionKeys),
    }));
}

/** Decides whether Athena and Hive ignore a file, because a part of its path begins with `_` or `.`. */
const isHidden = (entry: string): boolean =>
  entry.split('/').some((part) => part.startsWith('_') || part.startsWith('.'));

/** Returns the paths of all files below a folder, relative to it and separated by `/`. */
async function entriesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .map((path) => path.replaceAll('\\', '/'));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function partitionOf(
  entry: string,
  partitionKeys: readonly CatalogColumn[],
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const segment of entry.split('/').slice(0, -1)) {
    const at = segment.indexOf('=');
    const name = segment.slice(0, Math.max(at, 0));
    if (partitionKeys.some((key) => key.name === name)) values[name] = segment.slice(at + 1);
  }
  return values;
}
