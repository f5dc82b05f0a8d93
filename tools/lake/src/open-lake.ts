import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { glueTables, type GlueTables } from '@sluice/aws-clients/glue';
import { lakeDatabase, stageOfBucket, type ObjectStore } from '@sluice/lake-layout';
import {
  dataDirectory,
  takeDataDirectory,
  type FolderLock,
} from '@sluice/lake-layout/data-directory';
import { UsageError } from '@sluice/terminal/command-line';
import type { Endpoints } from './endpoints';
import { startCommand } from './shown-commands';

export interface OpenedLake {
  readonly store: ObjectStore;
  /** Name of the lake's bucket, for the paths of the Iceberg tables. */
  readonly bucket: string;
  /** Catalog that names the published tables; undefined where none is known, or where its stack does not run. */
  readonly glue?: GlueTables | undefined;
  /** Allows others to write. */
  close(): Promise<void>;
}

/** Milliseconds to wait for another command that uses a data directory without a running stack. */
const defaultPatienceMs = 30_000;

/** Opens a lake on AWS, by the SDK's own environment. */
export async function openBucket(bucket: string): Promise<OpenedLake> {
  const { bucketStore } = await import('./bucket-store');
  return {
    store: bucketStore(bucket),
    bucket,
    glue: glueOf(bucket),
    close: () => Promise.resolve(),
  };
}

/** Returns the Glue database of a stage's bucket; undefined for any other bucket. */
function glueOf(bucket: string, client?: Parameters<typeof glueTables>[1]): GlueTables | undefined {
  const stage = stageOfBucket(bucket);
  return stage === undefined ? undefined : glueTables(lakeDatabase(stage), client);
}

/**
 * Opens the lake of a local stack through its running S3. Where no stack runs, serves the files itself, holding the
 * lock that keeps a stack from starting meanwhile: manifests name files by the ETags of that S3, and those of another
 * store would not match.
 *
 * @throws UsageError where there is no lake
 */
export async function openDataDirLake(
  dataDir: string,
  { patienceMs = defaultPatienceMs }: { readonly patienceMs?: number } = {},
): Promise<OpenedLake> {
  const endpoints = readEndpoints(dataDir);
  const { objects } = dataDirectory(dataDir);
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const lock = takeDataDirectory(dataDir);
    if ('release' in lock) {
      try {
        return await servedLake(objects, endpoints, lock);
      } catch (error) {
        lock.release();
        throw error;
      }
    }
    if (await answers(endpoints.s3)) {
      const { localStackStore } = await import('./bucket-store');
      const { bucket, glue: endpoint, region, accessKeyId, secretAccessKey } = endpoints;
      const credentials = { accessKeyId, secretAccessKey };
      const glue = endpoint && glueOf(bucket, { endpoint, region, credentials });
      return {
        store: localStackStore(endpoints),
        bucket,
        ...(glue && { glue }),
        close: () => Promise.resolve(),
      };
    }
    if (Date.now() > deadline)
      throw new UsageError(
        `process ${lock.heldBy} works on ${dataDir}, and no lake answers at ${endpoints.s3}; try again when it is done`,
      );
    await sleep(100);
  }
}

async function servedLake(
  objects: string,
  endpoints: Endpoints,
  lock: FolderLock,
): Promise<OpenedLake> {
  const { startS3 } = await import('@sluice/local-s3');
  const { localStackStore } = await import('./bucket-store');
  const credentials = { accessKeyId: 'lake', secretAccessKey: randomUUID() };
  const server = await startS3({ folder: objects, credentials });
  return {
    store: localStackStore({ ...endpoints, ...credentials, s3: server.url }),
    bucket: endpoints.bucket,
    close: async () => {
      await server.close();
      lock.release();
    },
  };
}

/**
 * Reads a local stack's description of itself.
 *
 * @param options.orElse another way to what the caller wants, as the end of the message
 * @throws UsageError where none has used the data directory
 */
export function readEndpoints(
  dataDir: string,
  { orElse = '' }: { readonly orElse?: string } = {},
): Endpoints {
  try {
    return JSON.parse(readFileSync(dataDirectory(dataDir).endpointsFile, 'utf8')) as Endpoints;
  } catch {
    throw new UsageError(
      `no local stack has used ${dataDir} yet: start one with ${startCommand(dataDir)}${orElse && `, or ${orElse}`}`,
    );
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
