// A separate entry point (@sluice/lake-layout/data-directory): the content of a laptop's data directory, for Node
// only.
import { join } from 'node:path';
import { folderLockHolder, takeFolderLock, type FolderLock } from './folder-lock';

export { isRunning, type FolderLock } from './folder-lock';

/** Paths of the files and folders of a data directory. They are created when they are first written to. */
export interface DataDirectory {
  /** The directory itself. */
  readonly path: string;
  /** Folder of objects, as plain files `<bucket>/<key>`. */
  readonly objects: string;
  /** Folder of the local Kinesis' streams. */
  readonly kinesis: string;
  /** Folder of the delivery streams' positions: `<name>.json`. */
  readonly checkpoints: string;
  /** Folder of inferred definitions of event types: `<name>.event.json`. */
  readonly definitions: string;
  /** File that says why the running stack can't use these definitions. It is there only while it can't. */
  readonly refusedDefinitionsFile: string;
  /** Folder of the cloud assembly, used where there are definitions besides the shipped ones. */
  readonly assembly: string;
  readonly logs: string;
  /** Folder of queries' results; `stepFunctions` is that of joins' runs. */
  readonly athena: string;
  readonly stepFunctions: string;
  /** Folder of the tables that functions made in Glue's catalog. */
  readonly glue: string;
  /** Folder of the positions up to which files were posted, for an ingest that is started again. */
  readonly ingests: string;
  /** File that lists the files posted at a start, one a line. */
  readonly postedFiles: string;
  /** File with the addresses at which a local stack listens, and its bucket. It stays when the stack stops. */
  readonly endpointsFile: string;
  readonly credentialsFile: string;
  /**
   * File with the keys for hashing personal values and encrypting failed records. Without it these can't be
   * recovered.
   */
  readonly secretsFile: string;
  readonly sqlHistory: string;
}

/**
 * Returns the paths of a data directory. None of them needs to exist.
 *
 * @example
 * import { dataDirectory } from '@sluice/lake-layout/data-directory';
 * const { objects } = dataDirectory('.sluice');
 */
export function dataDirectory(folder: string): DataDirectory {
  return {
    path: folder,
    objects: join(folder, 's3'),
    kinesis: join(folder, 'kinesis'),
    checkpoints: join(folder, 'checkpoints'),
    definitions: join(folder, 'event-types'),
    refusedDefinitionsFile: join(folder, 'refused-event-types.json'),
    assembly: join(folder, 'cdk.out'),
    logs: join(folder, 'logs'),
    athena: join(folder, 'athena'),
    stepFunctions: join(folder, 'step-functions'),
    glue: join(folder, 'glue'),
    ingests: join(folder, 'ingests'),
    postedFiles: join(folder, 'posted-files.ndjson'),
    endpointsFile: join(folder, 'endpoints.json'),
    credentialsFile: join(folder, 'credentials.json'),
    secretsFile: join(folder, 'secrets.json'),
    sqlHistory: join(folder, 'sql-history'),
  };
}

/**
 * Locks a data directory, so that only one process at a time writes to it. Returns the id of the running process that
 * holds the lock, if another one does.
 *
 * @throws the file system's error where the directory is missing or can't be written
 */
export const takeDataDirectory = (folder: string): FolderLock | { readonly heldBy: number } =>
  takeFolderLock(lockFile(folder));

/** Returns the id of the running process that uses a data directory; undefined where none does. */
export const dataDirectoryHolder = (folder: string): number | undefined =>
  folderLockHolder(lockFile(folder));

const lockFile = (folder: string): string => join(folder, 'lock');
