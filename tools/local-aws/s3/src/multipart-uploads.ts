import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { startChecksum, type ChecksumName } from './checksums';
import type {
  ObjectDescription,
  ObjectFiles,
  ObjectMetadata,
  WriteCondition,
} from './object-files';
import { privateFolder } from '@sluice/local-state-files';
import { badDigest, noSuchUpload, S3Error } from './s3-error';

export interface Upload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly description: Omit<ObjectDescription, 'checksums'>;
  readonly startedMs: number;
}

export interface UploadedPart {
  readonly number: number;
  readonly bytes: number;
  /** ETag with its quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
}

/** Smallest size of a part in bytes, except for the last one. Source: S3 user guide, "Multipart upload limits". */
const minPartBytes = 5 << 20;

/** Keeps multipart uploads. Each has its own folder until it is completed or aborted, and so survives a restart. */
export class MultipartUploads {
  readonly #files: ObjectFiles;
  readonly #now: () => number;

  constructor({ files, now }: { readonly files: ObjectFiles; readonly now: () => number }) {
    this.#files = files;
    this.#now = now;
  }

  async start(upload: Pick<Upload, 'bucket' | 'key' | 'description'>): Promise<Upload> {
    const started = {
      ...upload,
      uploadId: randomBytes(24).toString('hex'),
      startedMs: this.#now(),
    };
    const folder = this.#folder(started.uploadId);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'upload.json'), JSON.stringify(started));
    return started;
  }

  /** Returns an upload. @throws {@link S3Error} NoSuchUpload */
  async find(uploadId: string, bucket: string, key: string): Promise<Upload> {
    if (!/^[0-9a-f]{48}$/.test(uploadId)) throw noSuchUpload(uploadId);
    try {
      const upload = JSON.parse(
        await readFile(join(this.#folder(uploadId), 'upload.json'), 'utf8'),
      ) as Upload;
      if (upload.bucket === bucket && upload.key === key) return upload;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    throw noSuchUpload(uploadId);
  }

  /** Adds a part. @param file the complete body, which is moved away */
  async addPart(
    { uploadId }: Upload,
    number: number,
    { file, bytes, md5 }: { readonly file: string; readonly bytes: number; readonly md5: string },
  ): Promise<UploadedPart> {
    const part = { number, bytes, etag: `"${md5}"`, modifiedMs: this.#now() };
    const stem = this.#partStem(uploadId, number);
    await rename(file, stem);
    await writeFile(`${stem}.json`, JSON.stringify(part));
    return part;
  }

  /** Returns the parts in ascending order of their numbers. */
  async parts({ uploadId }: Upload): Promise<readonly UploadedPart[]> {
    const folder = this.#folder(uploadId);
    const names = (await readdir(folder)).filter((name) => /^\d+\.json$/.test(name)).sort();
    return Promise.all(
      names.map(
        async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as UploadedPart,
      ),
    );
  }

  async abort({ uploadId }: Upload): Promise<void> {
    await rm(this.#folder(uploadId), { recursive: true, force: true });
  }

  /** Returns the unfinished uploads of a bucket, ordered by key. */
  async list(bucket: string): Promise<readonly Upload[]> {
    const root = join(this.#files.folder, privateFolder, 'uploads');
    let ids: readonly string[];
    try {
      ids = await readdir(root);
    } catch {
      return [];
    }
    const uploads = await Promise.all(
      ids.map(async (id) => {
        try {
          return JSON.parse(await readFile(join(root, id, 'upload.json'), 'utf8')) as Upload;
        } catch {
          return undefined; // Completed or aborted meanwhile.
        }
      }),
    );
    return uploads
      .filter((upload) => upload?.bucket === bucket)
      .filter((upload) => upload !== undefined)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /**
   * Joins the parts that the client names into the object.
   *
   * @param expected checksums of the whole object, if the client sent them
   * @throws {@link S3Error} InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest, PreconditionFailed
   */
  async complete(
    upload: Upload,
    named: readonly { readonly number: number; readonly etag: string }[],
    expected: Partial<Record<ChecksumName, string>>,
    condition: WriteCondition,
  ): Promise<ObjectMetadata> {
    const stored = new Map((await this.parts(upload)).map((part) => [part.number, part]));
    const parts = checkParts(named, stored);
    const running = (Object.keys(expected) as ChecksumName[]).map(
      (name) => [name, startChecksum(name)] as const,
    );
    const temporary = this.#files.temporaryFile();
    const joined = async function* (
      stemOf: (number: number) => string,
    ): AsyncGenerator<Buffer, void> {
      for (const { number } of parts)
        for await (const chunk of createReadStream(stemOf(number), { highWaterMark: 1 << 20 })) {
          for (const [, checksum] of running) checksum.update(chunk as Buffer);
          yield chunk as Buffer;
        }
    };
    try {
      await pipeline(
        joined((number) => this.#partStem(upload.uploadId, number)),
        createWriteStream(temporary),
      );
      for (const [name, checksum] of running)
        if ((await checksum.digest()) !== expected[name]) throw badDigest(`x-amz-checksum-${name}`);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    const metadata = await this.#files.put(
      upload.bucket,
      upload.key,
      temporary,
      { ...upload.description, checksums: expected, etag: joinedEtag(parts) },
      condition,
    );
    await this.abort(upload);
    return metadata;
  }

  #folder(uploadId: string): string {
    return join(this.#files.folder, privateFolder, 'uploads', uploadId);
  }

  #partStem(uploadId: string, number: number): string {
    return join(this.#folder(uploadId), String(number).padStart(5, '0'));
  }
}

/** Returns the ETag that S3 gives to a multipart object: the MD5 of the parts' MD5s, and the number of parts. */
const joinedEtag = (parts: readonly UploadedPart[]): string => {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag.replace(/"/g, ''), 'hex'));
  return `"${hash.digest('hex')}-${parts.length}"`;
};

function checkParts(
  named: readonly { readonly number: number; readonly etag: string }[],
  stored: ReadonlyMap<number, UploadedPart>,
): readonly UploadedPart[] {
  if (named.length === 0)
    throw new S3Error(400, 'MalformedXML', 'You must specify at least one part');
  if (named.some(({ number }, index) => number <= (named[index - 1]?.number ?? 0)))
    throw new S3Error(400, 'InvalidPartOrder', 'The parts are not in ascending order.');
  return named.map(({ number, etag }, index) => {
    const part = stored.get(number);
    if (part?.etag.replace(/"/g, '') !== etag.replace(/"/g, ''))
      throw new S3Error(400, 'InvalidPart', `Part ${number} could not be found with that etag.`);
    if (part.bytes < minPartBytes && index < named.length - 1)
      throw new S3Error(
        400,
        'EntityTooSmall',
        `Part ${number} has ${part.bytes} bytes: all but the last need ${minPartBytes}.`,
      );
    return part;
  });
}
