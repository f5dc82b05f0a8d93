import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ObjectNotFoundError,
  type GetOptions,
  type ObjectInfo,
  type ObjectStore,
  type StoredObject,
} from '@sluice/lake-layout';
import { FolderObjectStore } from '@sluice/lake-layout/folder';

/**
 * A bucket's files read directly from disk, without checking versions, as DuckDB does with local files. Files stay
 * open, as DuckDB keeps its own.
 */
export class DiskStore implements Pick<ObjectStore, 'list' | 'get'> {
  readonly #handles = new Map<string, Promise<FileHandle>>();
  readonly #folder: FolderObjectStore;

  constructor(private readonly folder: string) {
    this.#folder = new FolderObjectStore(folder);
  }

  list(prefix: string): AsyncIterable<ObjectInfo> {
    return this.#folder.list(prefix);
  }

  async get(key: string, { range }: GetOptions = {}): Promise<StoredObject> {
    if (!range || 'last' in range) return this.#folder.get(key, range ? { range } : {});
    const handle = await this.#open(key);
    const length = range.end - range.start;
    const { buffer, bytesRead } = await handle.read(
      Buffer.allocUnsafe(length),
      0,
      length,
      range.start,
    );
    return { bytes: buffer.subarray(0, bytesRead), etag: '', totalBytes: length };
  }

  #open(key: string): Promise<FileHandle> {
    const known = this.#handles.get(key);
    if (known) return known;
    const opened = open(join(this.folder, key)).catch((error: unknown) => {
      this.#handles.delete(key);
      throw (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? new ObjectNotFoundError(key)
        : error;
    });
    this.#handles.set(key, opened);
    return opened;
  }

  async close(): Promise<void> {
    for (const handle of this.#handles.values()) await (await handle).close();
  }
}
