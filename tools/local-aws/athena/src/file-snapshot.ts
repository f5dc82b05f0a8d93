import { isRunning } from '@sluice/lake-layout/data-directory';
import { copyFile, link, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { privateFolder } from '@sluice/local-state-files';
import type { TableFile } from './table-files';

/** Error for a file that was deleted between its listing and its reading; a new listing no longer has it. */
export class FileGoneError extends Error {
  override readonly name = 'FileGoneError';
  constructor(readonly address: string) {
    super(`${address} does not exist`);
  }
}

const folders = (objects: string): string => join(objects, privateFolder, 'queries');

/**
 * A folder of hard links to the files that one query reads. Files that are deleted or replaced while the query runs
 * stay readable there, and the folder is all that the query engine needs to see.
 */
export class FileSnapshot {
  readonly folder: string;
  readonly #addresses = new Map<string, string>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(objects: string): Promise<FileSnapshot> {
    await mkdir(folders(objects), { recursive: true });
    return new FileSnapshot(await mkdtemp(join(folders(objects), `${process.pid}-`)));
  }

  /**
   * Adds a table's files, each below folders `key=value` for its partition.
   *
   * @returns their paths
   * @throws {@link FileGoneError}
   */
  async add(
    table: string,
    files: readonly TableFile[],
    partitionKeys: readonly string[],
  ): Promise<readonly string[]> {
    const made = new Set<string>();
    return Promise.all(
      files.map(async ({ path, address, partition }, index) => {
        const parts = partitionKeys.map((key) => `${key}=${hiveValue(partition[key])}`);
        const name = `${index}-${plainName(basename(path))}`;
        const file = join(this.folder, plainName(table), ...parts, name);
        if (!made.has(dirname(file))) {
          await mkdir(dirname(file), { recursive: true });
          made.add(dirname(file));
        }
        await linkOrCopy(path, file, address);
        this.#addresses.set(file, address);
        return file;
      }),
    );
  }

  /** Returns the path of a temporary file that belongs to the query. */
  file(name: string): string {
    return join(this.folder, name);
  }

  /** Replaces the paths in a message of the engine by the files' `s3://` addresses. */
  withAddresses(text: string): string {
    let told = text;
    for (const [file, address] of this.#addresses)
      if (told.includes(file)) told = told.replaceAll(file, address);
    return told.replaceAll(this.folder, '');
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Writes a partition value as a folder name: null has a special name in Hive, and wildcard characters are escaped. */
const hiveValue = (value: string | undefined): string =>
  value === undefined
    ? '__HIVE_DEFAULT_PARTITION__'
    : encodeURIComponent(value).replaceAll('*', '%2A');

/** Replaces every character of a name that DuckDB would take for a wildcard. */
const plainName = (name: string): string => name.replace(/[^\w.-]/g, '_');

async function linkOrCopy(path: string, file: string, address: string): Promise<void> {
  try {
    await link(path, file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new FileGoneError(address);
    if (!['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code))
      throw error;
    // The file system has no hard links.
    await copyFile(path, file);
  }
}

/** Removes the folders of processes that have ended. */
export async function removeStaleSnapshots(objects: string): Promise<void> {
  const entries = await readdir(folders(objects)).catch(() => []);
  for (const entry of entries) {
    const owner = Number(entry.split('-')[0]);
    if (owner === process.pid || isRunning(owner)) continue;
    await rm(join(folders(objects), entry), { recursive: true, force: true });
  }
}
