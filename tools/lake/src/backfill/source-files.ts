import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isEventFile } from '@sluice/event-files';
import { objectPath, parseObjectPath, type ObjectStore } from '@sluice/lake-layout';
import { UsageError } from '@sluice/terminal/command-line';

/** A file to ingest, on this machine or in a bucket. */
export interface PastFile {
  /** Name of the file for people. */
  readonly name: string;
  readonly bytes: number;
  /** Calls `use` with the file's path on this machine. A file in a bucket is fetched for the duration of the call. */
  withPath<T>(use: (path: string) => Promise<T>): Promise<T>;
}

export interface PastFiles {
  readonly files: readonly PastFile[];
  /** Number of files with other extensions below the named folders. */
  readonly leftAside: number;
}

/** Opens a bucket that holds files to ingest. */
export type OpenSource = (bucket: string) => Promise<Pick<ObjectStore, 'get' | 'list'>>;

/**
 * Finds the files that a command line names: files, folders with everything below them, and `s3://bucket/prefix`.
 *
 * @throws UsageError where one of them names no file
 */
export async function findPastFiles(
  sources: readonly string[],
  openSource: OpenSource,
): Promise<PastFiles> {
  const files: PastFile[] = [];
  let leftAside = 0;
  for (const source of sources) {
    const found = await (source.startsWith('s3://')
      ? filesOfBucket(source, openSource)
      : filesOfPath(source));
    if (found.files.length === 0)
      throw new UsageError(
        `${source} has no file that ends in .json, .ndjson, .jsonl, .csv or .tsv, each also with .gz, or in .parquet`,
      );
    files.push(...found.files);
    leftAside += found.leftAside;
  }
  return { files, leftAside };
}

async function filesOfPath(path: string): Promise<PastFiles> {
  const info = await stat(path).catch(() => {
    throw new UsageError(`there is no file or folder ${path}`);
  });
  const localFile = async (file: string): Promise<PastFile> => ({
    name: file,
    bytes: (await stat(file)).size,
    withPath: (use) => use(file),
  });
  // A file that is named explicitly is always included; if it can't be read, that is reported in its turn.
  if (info.isFile()) return { files: [await localFile(path)], leftAside: 0 };
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const wanted = names.filter(isEventFile);
  return {
    files: await Promise.all(wanted.map(localFile)),
    leftAside: names.length - wanted.length,
  };
}

async function filesOfBucket(source: string, openSource: OpenSource): Promise<PastFiles> {
  const address = parseObjectPath(source) ?? parseObjectPath(`${source}/`);
  if (!address) throw new UsageError(`${source} names no bucket: write s3://bucket/prefix`);
  const { bucket, key: prefix } = address;
  const store = await openSource(bucket);
  const files: PastFile[] = [];
  let leftAside = 0;
  for await (const { key, bytes, etag } of store.list(prefix)) {
    if (isEventFile(key))
      files.push({
        name: objectPath(bucket, key),
        bytes,
        withPath: (use) => withFetched({ store, key, bytes, etag }, use),
      });
    else leftAside++;
  }
  return { files, leftAside };
}

const pieceBytes = 16 * 2 ** 20;

/** Fetches an object piece by piece, because it may be larger than memory. */
async function withFetched<T>(
  {
    store,
    key,
    bytes,
    etag,
  }: {
    readonly store: Pick<ObjectStore, 'get'>;
    readonly key: string;
    readonly bytes: number;
    readonly etag: string;
  },
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-backfill-'));
  try {
    const path = join(folder, basename(key));
    const file = await open(path, 'w');
    try {
      for (let start = 0; start < bytes; start += pieceBytes) {
        const range = { start, end: Math.min(bytes, start + pieceBytes) };
        await file.write((await store.get(key, { range, ifMatch: etag })).bytes);
      }
    } finally {
      await file.close();
    }
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
