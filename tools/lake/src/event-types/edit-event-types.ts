import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { tableName, type EventType } from '@sluice/event-schema';
import { readFolderCatalog, withDefinition, type FolderCatalog } from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
import { definitionFileSuffix, writeEventType } from '@sluice/event-schema/node';
import {
  compactedPrefix,
  dateOfKey,
  errorsPrefix,
  manifestPrefix,
  rawHourPrefix,
  rawTablePrefix,
  readManifest,
} from '@sluice/lake-layout';
import type { DataDir } from '../data-dir';
import { shownDataDir } from '../shown-commands';
import { holdsRows, stoppedLake, stoppedLakeFolder } from '../stored-definitions';

/** Error for an edit that is not possible; the message is meant for a person. */
export class EditEventTypeError extends Error {
  override readonly name = 'EditEventTypeError';
}

/** Returns a line for each event type, with the place of its definition. */
export function listEventTypes({ definitions }: Pick<DataDir, 'definitions'>): readonly string[] {
  const { catalog, faults, replaced, fileOf } = readFolderCatalog(definitions, shippedDefinitions);
  return [
    ...catalog.eventTypes.map((eventType) => {
      const { name, version, key, identity = 'none' } = eventType;
      const file = fileOf.get(eventType);
      const place = file === undefined ? 'the code' : shownDataDir(file);
      return `${name} ${version}, key ${key}, identity ${identity}: ${place}`;
    }),
    ...replaced.map(
      ({ file, by }) => `not in use: ${shownDataDir(file)}; ${by} has taken its place`,
    ),
    ...faults.map(({ file, reason }) => `left out: ${shownDataDir(file)}: ${reason}`),
  ];
}

/**
 * Deletes the definition of an inferred event type.
 *
 * @param withRows also deletes its data in the lake, which is otherwise kept for a later definition with this name
 * @returns sentences about what was done
 * @throws {@link EditEventTypeError}
 */
export async function deleteEventType(
  dataDir: DataDir,
  name: string,
  { withRows }: { readonly withRows: boolean },
): Promise<readonly string[]> {
  if (withRows && (await deleteLeftRows(dataDir, name)))
    return [`The rows of ${name} were deleted; its definition was deleted before.`];
  const file = definitionFile(dataDir, name);
  const folder = readFolderCatalog(dataDir.definitions, shippedDefinitions);
  const eventType = [...folder.fileOf.keys()].find((one) => folder.fileOf.get(one) === file);
  removeDefinition(dataDir, name);
  // The table of a definition that is not served may belong to another one.
  if (!eventType || !('version' in eventType)) return [`${file} was deleted.`];
  const table = tableName(eventType);
  const lake = stoppedLake(dataDir);
  const hasRows = lake !== undefined && (await holdsRows(lake, table));
  if (!hasRows) return [`${file} was deleted.`];
  if (!withRows)
    return [
      `${file} was deleted. The rows of ${table} stay in the lake, and no one serves them; --with-rows deletes them too.`,
    ];
  rmSync(tableFolder(dataDir, table), { recursive: true, force: true });
  return [`${file} was deleted, and the rows of ${table} with it.`];
}

/** Deletes the rows of a table that no definition has any more. @returns whether there were such rows */
async function deleteLeftRows(dataDir: DataDir, name: string): Promise<boolean> {
  const { definitions } = dataDir;
  if (!/^\w+$/.test(name) || existsSync(join(definitions, name + definitionFileSuffix)))
    return false;
  const { catalog } = readFolderCatalog(definitions, shippedDefinitions);
  const isDefined =
    catalog.eventTypes.some((eventType) => tableName(eventType) === name) ||
    [...catalog.references, ...catalog.joins].some((one) => one.name === name);
  const lake = stoppedLake(dataDir);
  if (isDefined || lake === undefined || !(await holdsRows(lake, name))) return false;
  rmSync(tableFolder(dataDir, name), { recursive: true, force: true });
  return true;
}

/**
 * Renames an inferred event type together with its rows. They become raw files of the new table, which its first
 * compaction sorts. After an interruption, another call continues.
 *
 * @returns sentences about what was done
 * @throws {@link EditEventTypeError}; DefinitionError where the new name is not valid
 */
export async function renameEventType(
  dataDir: DataDir,
  name: string,
  newName: string,
): Promise<readonly string[]> {
  definitionFile(dataDir, name);
  const folder = readFolderCatalog(dataDir.definitions, shippedDefinitions);
  const eventType = ownEventType(folder, name);
  const renamed: EventType = { ...eventType, name: newName };
  const known = folder.catalog.eventTypes.find((other) => other.name === newName);
  const isHalfway = known !== undefined && JSON.stringify(known) === JSON.stringify(renamed);
  if (!isHalfway) {
    withDefinition(folder.catalog, { eventType: renamed });
    const lake = stoppedLake(dataDir);
    if (lake && (await holdsRows(lake, tableName(renamed))))
      throw new EditEventTypeError(
        `the lake already holds rows of an event type "${newName}"; choose another name`,
      );
    writeEventType(dataDir.definitions, renamed);
  }
  const files = await moveRows(dataDir, tableName(eventType), tableName(renamed));
  removeDefinition(dataDir, name);
  return [
    `"${name}" is "${newName}" now, with ${files} files of rows. What a stream still held of it was left there: Ctrl-C delivers before it ends.`,
  ];
}

async function moveRows(dataDir: DataDir, from: string, to: string): Promise<number> {
  const lake = stoppedLake(dataDir);
  const root = stoppedLakeFolder(dataDir);
  if (!lake || root === undefined) return 0;
  let count = 0;
  const move = (key: string, newKey: string): void => {
    const source = join(root, key);
    if (!existsSync(source)) return;
    mkdirSync(dirname(join(root, newKey)), { recursive: true });
    renameSync(source, join(root, newKey));
    count++;
  };
  const underNewTable = (key: string): string => `${to}/${key.slice(from.length + 1)}`;
  for await (const { key } of lake.list(manifestPrefix(from))) {
    const date = dateOfKey(key);
    const stored = date === undefined ? undefined : await readManifest(lake, from, date);
    if (date === undefined || !stored) continue;
    for (const file of stored.manifest.files)
      move(
        file.key,
        `${rawHourPrefix(to, date, '00')}${file.key.slice(compactedPrefix(from, date).length)}`,
      );
  }
  for (const prefix of [rawTablePrefix(from), errorsPrefix(from)])
    for await (const { key } of lake.list(prefix)) move(key, underNewTable(key));
  rmSync(tableFolder(dataDir, from), { recursive: true, force: true });
  return count;
}

function ownEventType({ fileOf, faults }: FolderCatalog, name: string): EventType {
  for (const definition of fileOf.keys())
    if ('version' in definition && definition.name === name) return definition;
  const fault = faults.find(({ file }) => basename(file) === name + definitionFileSuffix);
  throw new EditEventTypeError(
    fault
      ? `${fault.file}: ${fault.reason}`
      : `the code defines "${name}" by now, in place of the data directory; delete ${name} here, and give it another name in libs/event-types/src/events`,
  );
}

/**
 * Returns the file of a definition.
 *
 * @throws EditEventTypeError, listing the existing names, where none has this name
 */
function definitionFile({ definitions }: DataDir, name: string): string {
  const file = join(definitions, name + definitionFileSuffix);
  if (/^\w+$/.test(name) && existsSync(file)) return file;
  const names = (existsSync(definitions) ? readdirSync(definitions) : [])
    .filter((other) => other.endsWith(definitionFileSuffix))
    .map((other) => other.slice(0, -definitionFileSuffix.length));
  throw new EditEventTypeError(
    `no event type "${name}" was inferred here; ` +
      (names.length > 0 ? `there is ${names.join(', ')}` : 'there is none'),
  );
}

function removeDefinition({ definitions, assembly }: DataDir, name: string): void {
  rmSync(join(definitions, name + definitionFileSuffix));
  rmSync(join(definitions, `${name}.report.txt`), { force: true });
  // The templates are out of date; the next start makes them anew.
  rmSync(assembly, { recursive: true, force: true });
}

function tableFolder(dataDir: DataDir, table: string): string {
  const root = stoppedLakeFolder(dataDir);
  if (root === undefined) throw new Error('there is no lake');
  return join(root, table);
}
