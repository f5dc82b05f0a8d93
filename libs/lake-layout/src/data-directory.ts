// A separate entry point (@sluice/lake-layout/data-directory): what a laptop's data directory has in it, for Node only.
import { join } from 'node:path';
import { takeFolderLock, type FolderLock } from './folder-lock';

export { isRunning, type FolderLock } from './folder-lock';

/** The files and folders of a data directory. They are made when they are first written to. */
export interface DataDirectory {
  /** The directory itself. */
  readonly path: string;
  /** Objects, as plain files `<bucket>/<key>`. */
  readonly objects: string;
  /** Streams of the local Kinesis. */
  readonly kinesis: string;
  /** How far each delivery stream has read: `<name>.json`. */
  readonly checkpoints: string;
  /** Definitions of event types that were inferred: `<name>.event.json`. */
  readonly definitions: string;
  /** The cloud assembly, where there are definitions beside the shipped ones. */
  readonly assembly: string;
  readonly logs: string;
  /** Answers of queries, and runs of joins. */
  readonly athena: string;
  readonly stepFunctions: string;
  /** How far files were posted, for an ingest that is started again. */
  readonly ingests: string;
  /** Which files were posted at a start, one a line. */
  readonly postedFiles: string;
  /** Addresses at which a local stack listens, and its bucket. It stays when the stack stops. */
  readonly endpointsFile: string;
  readonly credentialsFile: string;
  /** Keys that values of people are hashed with and failed records sealed with; without them nobody can tell what these were. */
  readonly secretsFile: string;
  readonly sqlHistory: string;
}

/**
 * Names what a data directory has in it; nothing needs to be there.
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
    assembly: join(folder, 'cdk.out'),
    logs: join(folder, 'logs'),
    athena: join(folder, 'athena'),
    stepFunctions: join(folder, 'step-functions'),
    ingests: join(folder, 'ingests'),
    postedFiles: join(folder, 'posted-files.ndjson'),
    endpointsFile: join(folder, 'endpoints.json'),
    credentialsFile: join(folder, 'credentials.json'),
    secretsFile: join(folder, 'secrets.json'),
    sqlHistory: join(folder, 'sql-history'),
  };
}

/**
 * Locks a data directory, so that one process at a time writes to it, or returns the id of the running process that has it.
 *
 * @throws the file system's error where the directory is missing or can't be written
 */
export const takeDataDirectory = (folder: string): FolderLock | { readonly heldBy: number } =>
  takeFolderLock(join(folder, 'lock'));
