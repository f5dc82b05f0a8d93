import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import {
  ObjectNotFoundError,
  PreconditionFailedError,
  type GetOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type StoredObject,
} from '@sluice/lake-layout';

/** An object store over plain files, as cheap as the disk: for one process, with no guard between processes. */
export class FolderObjectStore implements ObjectStore {
  constructor(private readonly folder: string) {}

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const names = await readdir(join(this.folder, prefix), {
      recursive: true,
      withFileTypes: true,
    }).catch(ignoreMissing(() => []));
    const files = names
      .filter((name) => name.isFile())
      .map((name) => join(name.parentPath, name.name))
      .sort();
    for (const file of files) {
      const { size, mtimeMs } = statSync(file);
      const key = relative(this.folder, file).split(sep).join('/');
      yield { key, bytes: size, etag: etagOf(size, mtimeMs), modifiedMs: mtimeMs };
    }
  }

  /** Reads at once: to hand a small file to another thread and back takes several times as long as to read it. */
  async get(key: string, { range, ifMatch }: GetOptions = {}): Promise<StoredObject> {
    const file = join(this.folder, key);
    const info = statSync(file, { throwIfNoEntry: false });
    if (!info) throw new ObjectNotFoundError(key);
    const etag = etagOf(info.size, info.mtimeMs);
    if (ifMatch !== undefined && ifMatch !== etag) throw new PreconditionFailedError(key);
    if (!range) return { bytes: readFileSync(file), etag, totalBytes: info.size };
    const start = 'last' in range ? Math.max(0, info.size - range.last) : range.start;
    const end = 'last' in range ? info.size : Math.min(range.end, info.size);
    const handle = await open(file);
    try {
      const { buffer } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
      return { bytes: buffer, etag, totalBytes: info.size };
    } finally {
      await handle.close();
    }
  }

  async put(
    key: string,
    bytes: Uint8Array,
    { ifMatch, ifNoneMatch }: PutOptions = {},
  ): Promise<{ readonly etag: string }> {
    const file = join(this.folder, key);
    const found = await stat(file).catch(ignoreMissing(() => undefined));
    if (ifNoneMatch && found) throw new PreconditionFailedError(key);
    if (ifMatch !== undefined && (!found || etagOf(found.size, found.mtimeMs) !== ifMatch))
      throw new PreconditionFailedError(key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    const { size, mtimeMs } = await stat(file);
    return { etag: etagOf(size, mtimeMs) };
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) await rm(join(this.folder, key), { force: true });
  }
}

const etagOf = (bytes: number, modifiedMs: number): string =>
  `"${createHash('md5').update(`${bytes} ${modifiedMs}`).digest('hex')}"`;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const ignoreMissing =
  <T>(instead: () => T) =>
  (error: unknown): T => {
    if (isMissing(error)) return instead();
    throw error;
  };
