import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, readFileSync, statSync, type Stats } from 'node:fs';
import {
  mkdir,
  open,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
  utimes,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ChecksumName } from './checksums';
import { KeyLock } from './key-lock';
import {
  isBucketName,
  isKeyTooLong,
  objectFile,
  privateFolder,
  unsupportedKey,
} from '@sluice/local-state-files';
import { invalidArgument, noSuchBucket, noSuchKey, preconditionFailed, S3Error } from './s3-error';

/** The description that a client gave of an object when it wrote it. */
export interface ObjectDescription {
  readonly contentType: string;
  /** Standard headers that are returned unchanged: cache-control, content-encoding, … */
  readonly headers: Readonly<Record<string, string>>;
  /** Values of `x-amz-meta-…`, by the rest of the header's name. */
  readonly userMetadata: Readonly<Record<string, string>>;
  /** Checksums of the whole object, in base64. */
  readonly checksums: Partial<Record<ChecksumName, string>>;
}

export interface ObjectMetadata extends ObjectDescription {
  readonly bytes: number;
  readonly modifiedMs: number;
  /** ETag with its quotes. */
  readonly etag: string;
}

export interface WriteCondition {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

export interface OpenedObject {
  readonly metadata: ObjectMetadata;
  /** Open file, which the caller must close. It keeps reading this version when the key is overwritten. */
  readonly handle: FileHandle;
}

export const plainDescription: ObjectDescription = {
  contentType: 'binary/octet-stream',
  headers: {},
  userMetadata: {},
  checksums: {},
};

/** Largest number of attempts to read a key that is being overwritten repeatedly. */
const maxOpenAttempts = 100;

/** Largest number of descriptions kept in memory, at some 300 bytes each. */
const maxCachedDescriptions = 100_000;

/** Returns the path of a sidecar file. It is named by a hash, so that every file system can hold it. */
function metadataFile(folder: string, bucket: string, key: string): string {
  const hash = createHash('sha256').update(key).digest('hex');
  return join(folder, privateFolder, 'metadata', bucket, hash.slice(0, 2), `${hash.slice(2)}.json`);
}

const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const isAbsent = (error: unknown): boolean =>
  errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';

/**
 * Keeps objects as plain files, `<folder>/<bucket>/<key>`. What a file can't express is kept in a sidecar below
 * `<folder>/.s3`, which is valid only for the file's exact size and modification time: a file that somebody added or
 * edited by hand is served too, with its MD5 as ETag and a plain description.
 *
 * A write appears whole or not at all, even if the process is killed. It is not flushed to the device, so a power
 * failure may lose the last seconds. Conditions hold within this process, so only one process may use a folder.
 */
export class ObjectFiles {
  readonly folder: string;
  readonly #locks = new KeyLock();
  readonly #cache = new Map<string, ObjectMetadata>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Returns a new path on the objects' own file system, for a file that is to be written and then moved to its key. */
  temporaryFile(): string {
    return join(this.folder, privateFolder, 'incoming', randomUUID());
  }

  /** Creates the folders, and removes the unfinished writes of a killed process. */
  async prepare(): Promise<void> {
    const incoming = join(this.folder, privateFolder, 'incoming');
    await rm(incoming, { recursive: true, force: true });
    await mkdir(incoming, { recursive: true });
  }

  /** Decides whether a bucket exists; false for names that no bucket can have, such as "..". */
  async hasBucket(bucket: string): Promise<boolean> {
    if (!isBucketName(bucket)) return false;
    try {
      return (await stat(join(this.folder, bucket))).isDirectory();
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  /** Opens an object. @throws {@link S3Error} NoSuchKey, NoSuchBucket */
  async open(bucket: string, key: string): Promise<OpenedObject> {
    const file = objectFile(this.folder, bucket, key);
    if (file === undefined) throw await this.#absent(bucket, key);
    for (let attempt = 1; attempt <= maxOpenAttempts; attempt++) {
      const handle = await openIfThere(file);
      if (!handle) break;
      try {
        const stats = await handle.stat();
        if (!stats.isFile()) {
          await handle.close();
          break;
        }
        const metadata = this.#known(bucket, key, file, stats);
        if (metadata) return { handle, metadata };
      } catch (error) {
        await handle.close();
        throw error;
      }
      // This version has no description yet, or it has just been replaced by another.
      await handle.close();
      await this.#locks.run(file, () => this.#learn(bucket, key, file));
    }
    throw await this.#absent(bucket, key);
  }

  /** Returns the metadata of an object. @returns undefined where there is no such object */
  async find(bucket: string, key: string): Promise<ObjectMetadata | undefined> {
    const file = objectFile(this.folder, bucket, key);
    if (file === undefined) return undefined;
    const stats = statIfThere(file);
    if (stats?.isFile() !== true) return undefined;
    return (
      this.#known(bucket, key, file, stats) ??
      this.#locks.run(file, () => this.#learn(bucket, key, file))
    );
  }

  /** Returns the description that was stored for exactly this version of a file. */
  #known(
    bucket: string,
    key: string,
    file: string,
    { size, mtimeMs }: Stats,
  ): ObjectMetadata | undefined {
    const holds = (metadata: ObjectMetadata | undefined): metadata is ObjectMetadata =>
      metadata?.bytes === size && metadata.modifiedMs === mtimeMs;
    const cached = this.#cache.get(file);
    if (holds(cached)) return cached;
    const stored = readSidecar(metadataFile(this.folder, bucket, key));
    if (!holds(stored)) return undefined;
    this.#remember(file, stored);
    return stored;
  }

  /** Describes a file that was not written by this endpoint. Hold the key's lock when you call it. */
  async #learn(bucket: string, key: string, file: string): Promise<ObjectMetadata | undefined> {
    const stats = statIfThere(file);
    if (stats?.isFile() !== true) return undefined;
    const known = this.#known(bucket, key, file, stats);
    if (known) return known;
    const found = {
      ...plainDescription,
      bytes: stats.size,
      modifiedMs: stats.mtimeMs,
      etag: `"${await md5OfFile(file, stats.size)}"`,
    };
    const sidecar = metadataFile(this.folder, bucket, key);
    await writeWhole(sidecar, JSON.stringify(found), this.temporaryFile());
    this.#remember(file, found);
    return found;
  }

  /**
   * Moves a complete file to a key.
   *
   * @param source from {@link temporaryFile}; it does not exist afterwards, whatever the outcome
   * @throws {@link S3Error} where a condition does not hold or no file can have this key
   */
  async put(
    bucket: string,
    key: string,
    source: string,
    { etag, ...description }: ObjectDescription & { readonly etag: string },
    condition: WriteCondition = {},
  ): Promise<ObjectMetadata> {
    try {
      const file = this.#fileToWrite(bucket, key);
      return await this.#locks.run(file, async () => {
        if (!(await this.hasBucket(bucket))) throw noSuchBucket(bucket);
        await this.#check(bucket, key, condition);
        const { size, mtimeMs } = await laterThan(statIfThere(file), source);
        const metadata = { ...description, etag, bytes: size, modifiedMs: mtimeMs };
        // The sidecar is replaced first: between the two steps it matches neither version, and does no harm.
        const sidecar = metadataFile(this.folder, bucket, key);
        await writeWhole(sidecar, JSON.stringify(metadata), this.temporaryFile());
        await moveInto(source, file, key);
        this.#remember(file, metadata);
        return metadata;
      });
    } catch (error) {
      await rm(source, { force: true });
      throw error;
    }
  }

  /** Deletes an object. @returns false where there was no such object, which is not an error */
  async delete(bucket: string, key: string, condition: WriteCondition = {}): Promise<boolean> {
    const file = objectFile(this.folder, bucket, key);
    if (file === undefined) return false;
    return this.#locks.run(file, async () => {
      await this.#check(bucket, key, condition);
      try {
        await unlink(file);
      } catch (error) {
        if (isAbsent(error) || errorCode(error) === 'EISDIR' || errorCode(error) === 'EPERM')
          return false;
        throw error;
      }
      this.#cache.delete(file);
      await rm(metadataFile(this.folder, bucket, key), { force: true });
      await removeEmptyFolders(dirname(file), join(this.folder, bucket));
      return true;
    });
  }

  /** Checks the condition of a write. Hold the key's lock when you call it. */
  async #check(bucket: string, key: string, condition: WriteCondition): Promise<void> {
    const { ifMatch, ifNoneMatch } = condition;
    if (ifMatch === undefined && ifNoneMatch === undefined) return;
    const file = objectFile(this.folder, bucket, key);
    const current = file === undefined ? undefined : await this.#learn(bucket, key, file);
    if (ifNoneMatch !== undefined && current) throw preconditionFailed('If-None-Match');
    if (ifMatch !== undefined) {
      if (!current) throw noSuchKey(key);
      if (!etagMatches(ifMatch, current.etag)) throw preconditionFailed('If-Match');
    }
  }

  #fileToWrite(bucket: string, key: string): string {
    if (isKeyTooLong(key)) throw new S3Error(400, 'KeyTooLongError', 'Your key is too long');
    const file = objectFile(this.folder, bucket, key);
    if (file === undefined)
      throw invalidArgument(
        `Objects are plain files here, and no file can have this key: ${unsupportedKey(key) ?? ''}.`,
      );
    return file;
  }

  async #absent(bucket: string, key: string): Promise<S3Error> {
    return (await this.hasBucket(bucket)) ? noSuchKey(key) : noSuchBucket(bucket);
  }

  #remember(file: string, metadata: ObjectMetadata): void {
    this.#cache.delete(file);
    this.#cache.set(file, metadata);
    if (this.#cache.size > maxCachedDescriptions) {
      const oldest = this.#cache.keys().next();
      if (!oldest.done) this.#cache.delete(oldest.value);
    }
  }
}

/**
 * Compares an `If-Match` or `If-None-Match` header with an ETag. The header is `*` or a list, whose quotes may be
 * missing.
 */
export const etagMatches = (header: string, etag: string): boolean =>
  header.split(',').some((part) => {
    const wanted = part.trim().replace(/^W\//, '');
    return wanted === '*' || wanted.replace(/^"?(.*?)"?$/, '"$1"') === etag;
  });

/**
 * Sets a file's modification time after that of the version it replaces, because a file system's clock may stand
 * still for milliseconds, and size and time are what distinguishes versions.
 */
async function laterThan(replaced: Stats | undefined, file: string): Promise<Stats> {
  const stats = await stat(file);
  if (replaced === undefined || stats.mtimeMs > replaced.mtimeMs) return stats;
  const later = new Date(Math.floor(replaced.mtimeMs) + 1);
  await utimes(file, later, later);
  return stat(file);
}

function statIfThere(file: string): Stats | undefined {
  try {
    // Synchronous, because a listing examines a thousand files: this takes 3 µs for each, the asynchronous call 30.
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function readSidecar(file: string): ObjectMetadata | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ObjectMetadata;
  } catch (error) {
    if (isAbsent(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Computes the MD5 of a file. @param bytes approximate size of the file */
async function md5OfFile(file: string, bytes: number): Promise<string> {
  const hash = createHash('md5');
  // The stream allocates as much as it may read at once, even for the smallest file.
  const highWaterMark = Math.min(Math.max(bytes, 1), 1 << 20);
  for await (const chunk of createReadStream(file, { highWaterMark })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function writeWhole(file: string, text: string, temporary: string): Promise<void> {
  await writeFile(temporary, text);
  await renameIntoFolder(temporary, file);
}

/**
 * Renames a file and creates the target's folder. Repeats that where a concurrent delete has removed the emptied
 * folder.
 */
async function renameIntoFolder(source: string, target: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(source, target);
      return;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || attempt > 10) throw error;
      await mkdir(dirname(target), { recursive: true });
    }
  }
}

async function moveInto(source: string, target: string, key: string): Promise<void> {
  try {
    try {
      await renameIntoFolder(source, target);
    } catch (error) {
      // A folder at the key's path may be an empty one that was left behind.
      if (!['EISDIR', 'ENOTEMPTY', 'EEXIST', 'EPERM'].includes(errorCode(error) ?? '')) throw error;
      await rmdir(target);
      await renameIntoFolder(source, target);
    }
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (['ENOTDIR', 'EEXIST', 'EISDIR', 'ENOTEMPTY'].includes(code))
      throw invalidArgument(
        `Objects are plain files here: "${key}" can't be stored while one of the two is a folder ` +
          'of the other (an object "a" and an object "a/b").',
      );
    throw error;
  }
}

async function removeEmptyFolders(from: string, upTo: string): Promise<void> {
  for (let folder = from; folder.length > upTo.length; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return; // Not empty, or gone already.
    }
  }
}
