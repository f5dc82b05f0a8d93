import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectStore } from '@sluice/lake-layout';
import { FolderObjectStore } from '@sluice/lake-layout/folder';
import { takeFolderLock } from '@sluice/lake-layout/lock';
import { UsageError } from '@sluice/terminal/command-line';
import type { Endpoints } from './endpoints';

export interface OpenedLake {
  readonly store: ObjectStore;
  /** What the lake is called where lists of files name it. */
  readonly bucket: string;
  /** Lets others write. */
  close(): Promise<void>;
}

/** How long another command may hold a data directory that no stack runs on. */
const defaultPatienceMs = 30_000;

/** Opens a lake on AWS, by the SDK's own environment. */
export async function openBucket(bucket: string): Promise<OpenedLake> {
  const { bucketStore } = await import('./bucket-store');
  return { store: bucketStore(bucket), bucket, close: () => Promise.resolve() };
}

/**
 * Opens the lake of a local stack: through its S3 where it runs, else its files, with the lock that keeps a stack from starting on
 * them meanwhile.
 *
 * @throws UsageError where there is no lake
 */
export async function openDataDirLake(
  dataDir: string,
  { patienceMs = defaultPatienceMs }: { readonly patienceMs?: number } = {},
): Promise<OpenedLake> {
  const endpoints = readEndpoints(dataDir);
  const lockFile = join(dataDir, 'lock');
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const lock = takeFolderLock(lockFile);
    if ('release' in lock) {
      const objects = join(dataDir, 's3');
      return {
        store: new FolderObjectStore(join(objects, endpoints.bucket), {
          incoming: join(objects, '.s3', 'incoming'),
        }),
        bucket: endpoints.bucket,
        close: () => {
          lock.release();
          return Promise.resolve();
        },
      };
    }
    if (await answers(endpoints.s3)) {
      const { localStackStore } = await import('./bucket-store');
      const { bucket } = endpoints;
      return { store: localStackStore(endpoints), bucket, close: () => Promise.resolve() };
    }
    if (Date.now() > deadline)
      throw new UsageError(
        `process ${lock.heldBy} works on ${dataDir}, and no lake answers at ${endpoints.s3}; try again when it is done`,
      );
    await sleep(100);
  }
}

/** Reads what a local stack wrote about itself. @throws UsageError where none has run on the data directory */
export function readEndpoints(dataDir: string): Endpoints {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'endpoints.json'), 'utf8')) as Endpoints;
  } catch {
    throw new UsageError(`no local stack has run on ${dataDir} yet: start one with npm start`);
  }
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
