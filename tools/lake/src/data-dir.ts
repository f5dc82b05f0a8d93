import { randomBytes } from 'node:crypto';
import { takeFolderLock, type FolderLock } from '@sluice/lake-layout/lock';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseTexts, readOwnFile, writeWhole } from '@sluice/local-state-files';

/** Holds the places of a data directory, where the local stack keeps its things. */
export interface DataDir {
  readonly path: string;
  /** Objects, as plain files under `<bucket>/<key>`. */
  readonly objects: string;
  readonly kinesis: string;
  readonly checkpoints: string;
  /** Lists the files that were posted, one a line. */
  readonly postedFiles: string;
  /** Definitions of inferred event types. */
  readonly definitions: string;
  /** Cloud assembly where there are definitions beside the shipped ones. */
  readonly assembly: string;
  readonly logs: string;
  readonly endpointsFile: string;
  /** True where nobody has run on it before. */
  readonly isNew: boolean;
  /** Lets another local stack run on it. */
  release(): void;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly apiKey: string;
}

/** Thrown where the data directory can't be used; the message is for a person. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
}

/** Returns the folder of a data directory's definitions; reading them needs no lock. */
export const definitionsFolder = (folder: string): string => join(resolve(folder), 'event-types');

/** @throws {@link DataDirError} where it can't be written or another local stack runs on it. */
export function openDataDir(folder: string): DataDir {
  const path = resolve(folder);
  const credentialsFile = join(path, 'credentials.json');
  let held: FolderLock;
  try {
    mkdirSync(path, { recursive: true });
    held = lock(path);
  } catch (error) {
    if (error instanceof DataDirError) throw error;
    throw new DataDirError(`${path} can't be used as data directory: ${(error as Error).message}`);
  }
  return {
    path,
    objects: join(path, 's3'),
    kinesis: join(path, 'kinesis'),
    checkpoints: join(path, 'checkpoints'),
    postedFiles: join(path, 'posted-files.ndjson'),
    definitions: definitionsFolder(path),
    assembly: join(path, 'cdk.out'),
    logs: join(path, 'logs'),
    endpointsFile: join(path, 'endpoints.json'),
    isNew: !existsSync(credentialsFile),
    release: () => held.release(),
  };
}

/**
 * Returns the credentials of this data directory: made once, so that a client's settings survive a restart.
 *
 * @throws {@link DamagedFileError}
 */
export function dataDirCredentials({ path }: DataDir): Credentials {
  const file = join(path, 'credentials.json');
  const kept = readOwnFile(
    file,
    (text) => parseTexts(text, ['accessKeyId', 'secretAccessKey', 'apiKey']),
    'delete it, and the next start makes new ones, which clients with settings of their own then need',
  );
  if (kept !== undefined) return kept;
  const credentials = {
    accessKeyId: `LOCAL${randomBytes(7).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString('hex'),
    apiKey: randomBytes(20).toString('hex'),
  };
  writeWhole(file, JSON.stringify(credentials, undefined, 2));
  return credentials;
}

/** @throws {@link DataDirError} where another process has it */
function lock(path: string): FolderLock {
  const taken = takeFolderLock(join(path, 'lock'));
  if ('heldBy' in taken)
    throw new DataDirError(
      `another local stack (process ${taken.heldBy}) runs on ${path}; stop it or take another --data-dir`,
    );
  return taken;
}
