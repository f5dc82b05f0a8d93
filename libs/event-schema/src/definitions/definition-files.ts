// A separate entry point (@sluice/event-schema/node): functions that use the file system.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { noScope, scopesByKeyId, type NamedKeyScopes, type ScopesOf } from '../access/key-scopes';
import { checkTables, defineEvent, type EventDefinition, type EventType } from './define-event';
import { defineReference, type ReferenceDefinition, type ReferenceTable } from './define-reference';

/** Suffix of files in a definitions folder that each hold an event type. */
export const definitionFileSuffix = '.event.json';

/** Reads one definition. @throws DefinitionError where it is wrong; SyntaxError where it is not JSON */
export const readEventType = (file: string): EventType =>
  defineEvent(JSON.parse(readFileSync(file, 'utf8')) as EventDefinition);

/** Reads all event types of a folder, ordered by file name. A folder that does not exist has none. */
export function readEventTypes(folder: string): readonly EventType[] {
  const eventTypes = definitionFiles(folder, definitionFileSuffix).map(readEventType);
  checkTables(eventTypes);
  return eventTypes;
}

/**
 * Writes a definition as `<name>.event.json` into a folder, which is created where it is missing. A reader sees
 * either the old or the new file, never a part of it.
 *
 * @returns the path of the file
 */
export function writeEventType(folder: string, definition: EventDefinition): string {
  defineEvent(definition);
  return writeDefinition(folder, definition.name + definitionFileSuffix, definition);
}

/** Suffix of files in a definitions folder that each hold a reference table. */
export const referenceFileSuffix = '.reference.json';

/** Reads one definition. @throws DefinitionError where it is wrong; SyntaxError where it is not JSON */
export const readReference = (file: string): ReferenceTable =>
  defineReference(JSON.parse(readFileSync(file, 'utf8')) as ReferenceDefinition);

/** Reads all reference tables of a folder, ordered by file name. A folder that does not exist has none. */
export const readReferences = (folder: string): readonly ReferenceTable[] =>
  definitionFiles(folder, referenceFileSuffix).map(readReference);

/** Writes a definition as `<name>.reference.json`, like {@link writeEventType}. @returns the path of the file */
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
  // The suffix keeps readers of the folder from taking the incomplete file for a definition.
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, `${JSON.stringify(definition, null, 2)}\n`);
  renameSync(unfinished, file);
  return file;
}

/** Name of the file beside every function's bundle: a JSON array of the definitions that the function serves. */
export const bundledDefinitionsFile = 'event-types.json';

/** Reads the event types that were deployed with a bundle. @param folder of the bundle */
export const readBundledEventTypes = (folder: string): readonly EventType[] =>
  JSON.parse(readFileSync(join(folder, bundledDefinitionsFile), 'utf8')) as readonly EventType[];

/** Name of the file beside a bundle with the reference tables that name people; there is none where none does. */
export const bundledReferencesFile = 'references.json';

/** Reads the reference tables that were deployed with a bundle. @param folder of the bundle */
export const readBundledReferences = (folder: string): readonly ReferenceTable[] =>
  readJson(join(folder, bundledReferencesFile), []) as readonly ReferenceTable[];

/** Name of the file with the scopes of API keys, by their names: in a definitions folder, and beside a bundle. */
export const apiKeysFile = 'api-keys.json';

/**
 * Reads the scopes of API keys that a definitions folder adds, unchecked; none where it has no such file.
 *
 * @throws SyntaxError where the file is not JSON
 */
export const readApiKeys = (folder: string): unknown => readJson(join(folder, apiKeysFile), {});

function readJson(file: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw error;
  }
}

/**
 * Returns the scopes of API keys as they were deployed with a bundle. If the bundle has a file of scopes but the
 * function does not know which key is which, no key may do anything.
 *
 * @param folder of the bundle
 * @param apiKeys JSON of the keys' ids by their names; the API's own key has the name `""`. Undefined where no column
 * is restricted and no key has scopes of its own
 */
export function readBundledScopes(folder: string, apiKeys: string | undefined): ScopesOf {
  const scopes = readApiKeys(folder) as NamedKeyScopes;
  if (apiKeys === undefined)
    return existsSync(join(folder, apiKeysFile)) ? () => noScope : scopesByKeyId({}, scopes);
  const idByName = JSON.parse(apiKeys) as Readonly<Record<string, string>>;
  return scopesByKeyId(
    Object.fromEntries(Object.entries(idByName).map(([name, id]) => [id, name])),
    scopes,
  );
}
