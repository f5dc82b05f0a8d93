import {
  DefinitionFilesError,
  readFolderCatalog,
  type FolderCatalog,
} from '@sluice/event-schema/folder';
import { apiKeysFile } from '@sluice/event-schema/node';
import { shippedDefinitions } from '@sluice/event-types';
import { stageAssembly, synthesise } from '@sluice/infra/synthesise';
import {
  checkStoredDefinition,
  type DataDir,
  definitionPlace,
  definitionsFingerprint,
  forgetRefusedDefinitions,
  leftBehind,
  noteRefusedDefinitions,
  shownDataDir,
  stoppedLake,
} from '@sluice/lake';
import { wrapText } from '@sluice/terminal';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The templates and definitions with which a stack is started. */
export interface PreparedTemplates {
  /** Folder of the cloud assembly. */
  readonly assembly: string;
  /** The event types that the stack serves. */
  readonly definitions: FolderCatalog;
}

/**
 * Reads and checks the definitions of a data directory, and makes their templates.
 *
 * @throws errors that the user can fix
 */
export async function prepareTemplates(
  dataDir: DataDir,
  stderr: NodeJS.WriteStream,
): Promise<PreparedTemplates> {
  const definitions = readFolderCatalog(dataDir.definitions, shippedDefinitions);
  await checkDefinitions(definitions, dataDir, stderr);
  const assembly = await assemblyFor(definitions, dataDir);
  forgetRefusedDefinitions(dataDir);
  return { assembly, definitions };
}

/**
 * Prepares definitions that changed while a stack runs.
 *
 * @returns undefined where they can't be used; the user is told, and the stack continues unchanged
 */
export async function prepareChangedTemplates(
  dataDir: DataDir,
  stderr: NodeJS.WriteStream,
): Promise<PreparedTemplates | undefined> {
  stderr.write('\nThe event types of the data directory changed; restarting the stack …\n');
  const tried = definitionsFingerprint(dataDir.definitions);
  try {
    // At a start, a file that can't be served is left out; here its event type may be in use.
    const { faults } = readFolderCatalog(dataDir.definitions, shippedDefinitions);
    if (faults.length > 0) throw new DefinitionFilesError(faults);
    return await prepareTemplates(dataDir, stderr);
  } catch (error) {
    const { message } = error as Error;
    noteRefusedDefinitions(dataDir, tried, message);
    stderr.write(
      `${wrapText(`error: ${message}`)}\nThe stack keeps the event types that it had.\n`,
    );
    return undefined;
  }
}

/** Reports definitions that are not served, and why. @throws StoredDefinitionError where stored rows can't be read */
async function checkDefinitions(
  { catalog, faults, replaced, fileOf }: FolderCatalog,
  dataDir: DataDir,
  stderr: NodeJS.WriteStream,
): Promise<void> {
  for (const { file, reason } of faults)
    stderr.write(`${wrapText(`warning: ${shownDataDir(file)} is left out: ${reason}`)}\n`);
  for (const { file, by } of replaced)
    stderr.write(
      `${wrapText(`${by} has taken the place of ${shownDataDir(file)}, which can be deleted.`)}\n`,
    );
  const lake = stoppedLake(dataDir);
  if (!lake) return;
  for (const eventType of catalog.eventTypes) {
    const place = definitionPlace(fileOf.get(eventType), eventType);
    for (const warning of await checkStoredDefinition(lake, eventType, place))
      stderr.write(`${wrapText(`warning: ${warning}`)}\n`);
  }
  for (const sentence of await leftBehind(lake, catalog.eventTypes))
    stderr.write(`${wrapText(`warning: ${sentence}`)}\n`);
}

/** Returns the shipped assembly, or a separate one for a data directory with its own event types. */
async function assemblyFor({ fileOf }: FolderCatalog, dataDir: DataDir): Promise<string> {
  if (fileOf.size === 0 && !existsSync(join(dataDir.definitions, apiKeysFile)))
    return stageAssembly('dev');
  const { assembly, definitions } = dataDir;
  await synthesise({ assembly, definitions });
  return assembly;
}
