// A separate entry point (@sluice/lake-layout/folder): uses the file system.
import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import {
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import {
  ObjectNotFoundError,
  PreconditionFailedError,
  RangeNotSatisfiableError,
  type GetOptions,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type StoredObject,
} from './object-store';

/**
 * Stores objects as plain files, `<folder>/<key>`, for a lake without a server. A write appears whole or not at all.
 * Conditions hold within this process, so only one process may use a folder. ETags differ from those of S3, so a
 * manifest that was written with one can't be used with the other.
 */
export class FolderObjectStore implements ObjectStore {
  readonly #folder: string;
  readonly #incoming: string;
  /** Resolves when the last write has ended; writes are made one after another. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  /** @param incoming folder of unfinished files; on the same file system, but outside of the store */
  constructor(folder: string, { incoming = `${folder}.incoming` }: { incoming?: string } = {}) {
    this.#folder = folder;
    this.#incoming = incoming;
  }

  async *list(prefix: string, { startAfter = '' }: ListOptions = {}): AsyncIterable<ObjectInfo> {
    const from = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const entries = await readdir(join(this.#folder, from), {
      recursive: true,
      withFileTypes: true,
    }).catch(ignoreMissing(() => []));
    const after = Buffer.from(startAfter);
    const keys = entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        relative(this.#folder, join(entry.parentPath, entry.name)).split(sep).join('/'),
      )
      .filter((key) => key.startsWith(prefix))
      .map((key) => Buffer.from(key))
      .filter((key) => Buffer.compare(key, after) > 0)
      .sort((a, b) => Buffer.compare(a, b))
      .map(String);
    for (const key of keys) {
      const info = await this.#find(key);
      if (info)
        yield {
          key,
          bytes: Number(info.size),
          etag: etagOf(info),
          modifiedMs: Number(info.mtimeMs),
        };
    }
  }

  async get(key: string, { range, ifMatch }: GetOptions = {}): Promise<StoredObject> {
    const handle = await this.#open(key);
    try {
      const info = await handle.stat({ bigint: true });
      if (!info.isFile()) throw new ObjectNotFoundError(key);
      const etag = etagOf(info);
      if (ifMatch !== undefined && ifMatch !== etag) throw new PreconditionFailedError(key);
      const totalBytes = Number(info.size);
      if (!range) return { bytes: await handle.readFile(), etag, totalBytes };
      const start = 'last' in range ? Math.max(0, totalBytes - range.last) : range.start;
      const end = 'last' in range ? totalBytes : Math.min(range.end, totalBytes);
      if (end <= start) throw new RangeNotSatisfiableError(key);
      const { buffer } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
      return { bytes: buffer, etag, totalBytes };
    } finally {
      await handle.close();
    }
  }

  put(
    key: string,
    bytes: Uint8Array,
    { ifMatch, ifNoneMatch }: PutOptions = {},
  ): Promise<{ readonly etag: string }> {
    const copy = Uint8Array.from(bytes);
    return this.#inTurn(async () => {
      const found = await this.#find(key);
      if (ifNoneMatch && found) throw new PreconditionFailedError(key);
      if (ifMatch !== undefined && (!found || etagOf(found) !== ifMatch))
        throw new PreconditionFailedError(key);
      const unfinished = join(this.#incoming, randomUUID());
      await mkdir(this.#incoming, { recursive: true });
      try {
        await writeFile(unfinished, copy);
        const etag = etagOf(await stat(unfinished, { bigint: true }));
        await mkdir(dirname(this.#file(key)), { recursive: true });
        await rename(unfinished, this.#file(key));
        return { etag };
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
    });
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const key of keys) {
        await rm(this.#file(key), { force: true });
        await this.#removeEmptyFolders(dirname(key));
      }
    });
  }

  /** Removes empty folders, so that an object can have the path of a former folder. */
  async #removeEmptyFolders(from: string): Promise<void> {
    try {
      for (let folder = from; folder !== '.'; folder = dirname(folder))
        await rmdir(join(this.#folder, folder));
    } catch {
      // The folder is not empty, or does not exist.
    }
  }

  #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const done = this.#lastWrite.then(write, write);
    this.#lastWrite = done.catch(() => undefined);
    return done;
  }

  /** Returns the file of a key. @throws Error for a key that would lead out of the folder, or that no file can have */
  #file(key: string): string {
    if (key.split('/').some((step) => step === '' || step === '.' || step === '..'))
      throw new Error(`no file can have the key ${JSON.stringify(key)}`);
    return join(this.#folder, key);
  }

  async #find(key: string): Promise<BigIntStats | undefined> {
    const info = await stat(this.#file(key), { bigint: true }).catch(
      ignoreMissing(() => undefined),
    );
    return info?.isFile() ? info : undefined;
  }

  async #open(key: string): Promise<FileHandle> {
    try {
      return await open(this.#file(key));
    } catch (error) {
      throw isMissing(error) ? new ObjectNotFoundError(key, { cause: error }) : error;
    }
  }
}

/** Returns the ETag of the version of a file. Every write creates a new file. */
const etagOf = ({ size, mtimeNs, ino }: BigIntStats): string => `"${size}-${mtimeNs}-${ino}"`;

const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

const ignoreMissing =
  <T>(instead: () => T) =>
  (error: unknown): T => {
    if (isMissing(error)) return instead();
    throw error;
  };
