import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRunning } from './running-process';

/** Where the local stack keeps its things. */
export interface DataDir {
  readonly path: string;
  /** Objects, as plain files under `<bucket>/<key>`. */
  readonly objects: string;
  readonly kinesis: string;
  readonly checkpoints: string;
  /** Which files were posted, one a line. */
  readonly postedFiles: string;
  /** Definitions of inferred event types. */
  readonly definitions: string;
  /** Cloud assembly where there are definitions beside the shipped ones. */
  readonly assembly: string;
  readonly logs: string;
  readonly endpointsFile: string;
  /** Nobody has run on it before. */
  readonly isNew: boolean;
  /** Lets another local stack run on it. */
  release(): void;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly apiKey: string;
}

/** The data directory can't be used; the message is for a person. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
}

/** @throws {@link DataDirError} where it can't be written or another local stack runs on it. */
export function openDataDir(folder: string): DataDir {
  const path = resolve(folder);
  const lockFile = join(path, 'lock');
  const credentialsFile = join(path, 'credentials.json');
  try {
    mkdirSync(path, { recursive: true });
    lock(path, lockFile);
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
    definitions: join(path, 'event-types'),
    assembly: join(path, 'cdk.out'),
    logs: join(path, 'logs'),
    endpointsFile: join(path, 'endpoints.json'),
    isNew: readIfThere(credentialsFile) === undefined,
    release: () => rmSync(lockFile, { force: true }),
  };
}

/** Credentials of this data directory: made once, so that a client's settings survive a restart. */
export function dataDirCredentials({ path }: DataDir): Credentials {
  const file = join(path, 'credentials.json');
  const kept = readIfThere(file);
  if (kept !== undefined) return JSON.parse(kept) as Credentials;
  const credentials = {
    accessKeyId: `LOCAL${randomBytes(7).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString('hex'),
    apiKey: randomBytes(20).toString('hex'),
  };
  writeWhole(file, JSON.stringify(credentials, undefined, 2));
  return credentials;
}

/** Writes a file so that a reader finds the old one or the new one, never a part; only its owner may read it. */
export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.draft`, text, { mode: 0o600 });
  renameSync(`${file}.draft`, file);
}

function lock(path: string, lockFile: string): void {
  for (;;) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(readIfThere(lockFile));
    if (owner > 0 && owner !== process.pid && isRunning(owner))
      throw new DataDirError(
        `another local stack (process ${owner}) runs on ${path}; stop it or take another --data-dir`,
      );
    rmSync(lockFile, { force: true });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
