// A separate entry point (@sluice/event-schema/node): what touches the file system.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkTables, defineEvent, type EventDefinition, type EventType } from './define-event';
import { defineReference, type ReferenceDefinition, type ReferenceTable } from './define-reference';

/** Files of this ending in a definitions folder are event types, one each. */
export const definitionFileSuffix = '.event.json';

/** Reads one definition. @throws DefinitionError where it is wrong; SyntaxError where it is not JSON. */
export const readEventType = (file: string): EventType =>
  defineEvent(JSON.parse(readFileSync(file, 'utf8')) as EventDefinition);

/** Reads every event type of a folder, by file name. A folder that is not there holds none. */
export function readEventTypes(folder: string): readonly EventType[] {
  const eventTypes = definitionFiles(folder, definitionFileSuffix).map(readEventType);
  checkTables(eventTypes);
  return eventTypes;
}

/**
 * Writes a definition as `<name>.event.json` into a folder, which is made where it is missing. A reader sees the old file
 * or the new one, never a part of it.
 *
 * @returns the file written
 */
export function writeEventType(folder: string, definition: EventDefinition): string {
  defineEvent(definition);
  return writeDefinition(folder, definition.name + definitionFileSuffix, definition);
}

/** Files of this ending in a definitions folder are reference tables, one each. */
export const referenceFileSuffix = '.reference.json';

/** Reads one definition. @throws DefinitionError where it is wrong; SyntaxError where it is not JSON. */
export const readReference = (file: string): ReferenceTable =>
  defineReference(JSON.parse(readFileSync(file, 'utf8')) as ReferenceDefinition);

/** Reads every reference table of a folder, by file name. A folder that is not there holds none. */
export const readReferences = (folder: string): readonly ReferenceTable[] =>
  definitionFiles(folder, referenceFileSuffix).map(readReference);

/** Writes a definition as `<name>.reference.json`, as {@link writeEventType} does. @returns the file written */
export function writeReference(folder: string, definition: ReferenceDefinition): string {
  defineReference(definition);
  return writeDefinition(folder, definition.name + referenceFileSuffix, definition);
}

function definitionFiles(folder: string, suffix: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => name.endsWith(suffix))
    .sort()
    .map((name) => join(folder, name));
}

function writeDefinition(folder: string, name: string, definition: object): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  // The ending keeps readers of the folder from taking the half-written file for a definition.
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, `${JSON.stringify(definition, null, 2)}\n`);
  renameSync(unfinished, file);
  return file;
}

/** The file that lies beside every function's bundle: a JSON array of the definitions it serves. */
export const bundledDefinitionsFile = 'event-types.json';

/** Event types that were deployed with a bundle. @param folder where the bundle lies. */
export const readBundledEventTypes = (folder: string): readonly EventType[] =>
  JSON.parse(readFileSync(join(folder, bundledDefinitionsFile), 'utf8')) as readonly EventType[];
