import { createHmac, randomBytes } from 'node:crypto';
import {
  dataDirectory,
  takeDataDirectory,
  type DataDirectory,
  type FolderLock,
} from '@sluice/lake-layout/data-directory';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseTexts, readOwnFile, writeWhole } from '@sluice/local-state-files';

/** Default of `--data-dir`, relative to the checkout's root, where no lake is named. */
export const defaultDataDir = '.sluice';

/** A data directory that this process uses exclusively. */
export interface DataDir extends DataDirectory {
  /** True where no stack has used it before. */
  readonly isNew: boolean;
  /** Allows another local stack to use it. */
  release(): void;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly apiKey: string;
}

/** Error for a data directory that can't be used; the message is meant for a person. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
}

/**
 * Locks a data directory for this process.
 *
 * @throws {@link DataDirError} where it can't be written or another local stack uses it
 */
export function openDataDir(folder: string): DataDir {
  const directory = dataDirectory(resolve(folder));
  const { path } = directory;
  let held: FolderLock;
  try {
    mkdirSync(path, { recursive: true });
    held = lock(path);
  } catch (error) {
    if (error instanceof DataDirError) throw error;
    throw new DataDirError(`${path} can't be used as data directory: ${(error as Error).message}`);
  }
  return {
    ...directory,
    isNew: !existsSync(directory.credentialsFile),
    release: () => held.release(),
  };
}

/**
 * Returns the credentials of a data directory. They are generated once, so that a client's settings survive a
 * restart.
 *
 * @throws {@link DamagedFileError}
 */
export function dataDirCredentials({ credentialsFile: file }: DataDirectory): Credentials {
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

/**
 * Returns the value of an API key with scopes: a hash keyed by the key with all scopes. So it survives a restart as
 * that does, and does not give that away.
 */
export const scopedApiKey = ({ apiKey }: Pick<Credentials, 'apiKey'>, name: string): string =>
  createHmac('sha256', apiKey).update(name).digest('hex').slice(0, 40);

/** Takes the lock. @throws {@link DataDirError} where another process holds it */
function lock(path: string): FolderLock {
  const taken = takeDataDirectory(path);
  if ('heldBy' in taken)
    throw new DataDirError(
      `a local stack (process ${taken.heldBy}) is using ${path}: stop it, or choose another --data-dir`,
    );
  return taken;
}
