import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { GetOptions, ObjectInfo, ObjectStore, StoredObject } from '@sluice/lake-layout';
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
    const known = this.#handles.get(key) ?? open(join(this.folder, key));
    this.#handles.set(key, known);
    return known;
  }

  async close(): Promise<void> {
    for (const handle of this.#handles.values()) await (await handle).close();
  }
}
