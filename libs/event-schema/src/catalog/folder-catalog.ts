// A separate entry point (@sluice/event-schema/folder): the catalogue of the code's definitions and what a folder of files adds.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Change } from '../compatibility/change';
import { compareEventTypes } from '../compatibility/compare-event-types';
import { compareReferences } from '../compatibility/compare-references';
import { breakingChanges } from '../compatibility/compatibility-report';
import { tableName, type EventType } from '../definitions/define-event';
import type { ReferenceTable } from '../definitions/define-reference';
import {
  definitionFileSuffix,
  readEventType,
  readReference,
  referenceFileSuffix,
} from '../definitions/definition-files';
import { lookupResponseSchema } from '../derived/look-up-response';
import { batchRequestModel, requestModel } from '../derived/request-model';
import { rowsByKey } from '../derived/rows-by-key';
import { catalogTables } from './catalog-tables';
import { checkCatalog, type Catalog } from './check-catalog';

/** The definitions of the code, to which a folder may add. */
export interface CodeDefinitions {
  readonly catalog: Catalog;
  /** Returns the file that has a definition, for messages. */
  readonly sourceOf: (definition: EventType | ReferenceTable) => string;
}

/** A definition file that can't be served. */
export interface DefinitionFault {
  readonly file: string;
  /** One sentence that names what is wrong and the way out; it does not name the file. */
  readonly reason: string;
}

/** A definition file that is left aside, since the code defines the same. */
export interface ReplacedDefinition {
  readonly file: string;
  /** File that has the definition of the code. */
  readonly by: string;
}

export interface FolderCatalog {
  /** The definitions of the code, and all of the folder that can be served beside them. */
  readonly catalog: Catalog;
  readonly replaced: readonly ReplacedDefinition[];
  readonly faults: readonly DefinitionFault[];
  /** The file of each event type and reference table that the folder adds. */
  readonly fileOf: ReadonlyMap<EventType | ReferenceTable, string>;
}

/** Thrown where a folder has definitions that can't be served; the message names each file. */
export class DefinitionFilesError extends Error {
  override readonly name = 'DefinitionFilesError';
  constructor(readonly faults: readonly DefinitionFault[]) {
    super(faults.map(({ file, reason }) => `${file}: ${reason}`).join('\n'));
  }
}

/**
 * Returns the folder of definitions that the environment names with SLUICE_EVENTS_DIR, undefined where it names none.
 *
 * @throws {@link EventsFolderError} where there is no such folder: a misspelt name would leave its tables out
 */
export function namedEventsFolder(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const folder = env['SLUICE_EVENTS_DIR'];
  if (folder === undefined || folder === '') return undefined;
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new EventsFolderError(
      `SLUICE_EVENTS_DIR is ${JSON.stringify(folder)}, and there is no such folder; correct the variable or unset it`,
    );
  return folder;
}

/** Thrown where the environment names a folder that is not there; the message is for a person. */
export class EventsFolderError extends Error {
  override readonly name = 'EventsFolderError';
}

/**
 * Reads what a folder adds to the definitions of the code, and decides for each file whether it can be served. Where both define
 * the same table, the definition of the code is served if it reads all that was stored by the file's.
 *
 * @param folder undefined, and one that is not there, add nothing
 *
 * @example
 * import { readFolderCatalog } from '@sluice/event-schema/folder';
 * import { shippedDefinitions } from '@sluice/event-types';
 * const { catalog, faults } = readFolderCatalog('.sluice/event-types', shippedDefinitions);
 */
export function readFolderCatalog(
  folder: string | undefined,
  code: CodeDefinitions,
): FolderCatalog {
  const replaced: ReplacedDefinition[] = [];
  const faults: DefinitionFault[] = [];
  const fileOf = new Map<EventType | ReferenceTable, string>();
  let { catalog } = code;
  for (const file of folder === undefined ? [] : definitionFiles(folder))
    try {
      const added = file.endsWith(definitionFileSuffix)
        ? { eventType: readEventType(file) }
        : { reference: readReference(file) };
      const by = definedInCode(added, code);
      if (by) {
        if (by.breaking.length > 0) throw new Error(clashSentence(by));
        replaced.push({ file, by: by.file });
        continue;
      }
      catalog = withDefinition(catalog, added);
      fileOf.set(added.eventType ?? added.reference, file);
    } catch (error) {
      faults.push({ file, reason: reasonOf(error) });
    }
  return { catalog, replaced, faults, fileOf };
}

/** Reads a catalogue as {@link readFolderCatalog} does, all or nothing. @throws {@link DefinitionFilesError} */
export function readWholeCatalog(folder: string | undefined, code: CodeDefinitions): Catalog {
  const { catalog, faults } = readFolderCatalog(folder, code);
  if (faults.length > 0) throw new DefinitionFilesError(faults);
  return catalog;
}

type AddedDefinition =
  | { readonly eventType: EventType; readonly reference?: never }
  | { readonly reference: ReferenceTable; readonly eventType?: never };

/**
 * Returns the catalogue with one definition more, after trying it as the stacks will use it.
 *
 * @throws DefinitionError where a table or view of it has a name that is taken; Error where nothing can be derived from it
 */
export function withDefinition(
  { eventTypes, references, joins, queries }: Catalog,
  { eventType, reference }: AddedDefinition,
): Catalog {
  const catalog = {
    eventTypes: eventType ? [...eventTypes, eventType] : eventTypes,
    references: reference ? [...references, reference] : references,
    joins,
    queries: eventType ? [...queries, rowsByKey(eventType)] : queries,
  };
  checkCatalog(catalog);
  const names = { bucket: 'lake', database: 'lake' };
  catalogTables({
    eventTypes: eventType ? [eventType] : [],
    references: reference ? [reference] : [],
    joins: [],
    ...names,
  });
  if (eventType)
    JSON.stringify([
      requestModel(eventType),
      batchRequestModel(eventType),
      lookupResponseSchema(eventType),
    ]);
  return catalog;
}

function definitionFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(definitionFileSuffix) || name.endsWith(referenceFileSuffix))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

interface DefinedInCode {
  readonly kind: 'event type' | 'reference table';
  readonly name: string;
  readonly file: string;
  /** What of the definition in the code does not go with that of the file. */
  readonly breaking: readonly Change[];
}

/** Returns the code's definition of the same table, undefined where the code has none. */
function definedInCode(
  { eventType, reference }: AddedDefinition,
  { catalog: { eventTypes, references }, sourceOf }: CodeDefinitions,
): DefinedInCode | undefined {
  if (eventType) {
    const inCode = eventTypes.find((other) => tableName(other) === tableName(eventType));
    if (inCode?.name !== eventType.name) return undefined;
    return {
      kind: 'event type',
      name: inCode.name,
      file: sourceOf(inCode),
      breaking: breakingStored(compareEventTypes([eventType], [inCode])),
    };
  }
  const inCode = references.find(({ name }) => name === reference.name);
  if (!inCode) return undefined;
  return {
    kind: 'reference table',
    name: inCode.name,
    file: sourceOf(inCode),
    breaking: breakingStored(compareReferences([reference], [inCode])),
  };
}

/** A value that is refused from now on leaves what is stored as it is; so does an identity, for rows that are there. */
const breakingStored = (changes: readonly Change[]): readonly Change[] =>
  breakingChanges(changes).filter(
    ({ pointer, breaks }) =>
      pointer !== '/identity' &&
      breaks.some(({ audience }) => ['stored Parquet', 'look-ups', 'queries'].includes(audience)),
  );

const clashSentence = ({ kind, name, file, breaking }: DefinedInCode): string =>
  `the ${kind} "${name}" is also defined in ${file}, and what was stored by this file can't be read by that one: ` +
  `${breaking.map(({ what }) => what).join('; ')}. ` +
  (kind === 'event type'
    ? 'Make the two agree, or give the one in the code the next major version, for a table of its own'
    : 'Make the two agree, or delete this file and put the table again');

const reasonOf = (error: unknown): string =>
  error instanceof SyntaxError ? `it is not JSON (${error.message})` : (error as Error).message;
