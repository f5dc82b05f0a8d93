// A separate entry point (@sluice/event-schema/folder): the catalogue of the code's definitions and those of a folder
// of files.
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

/** The definitions of the code, to which a folder may add others. */
export interface CodeDefinitions {
  readonly catalog: Catalog;
  /** Returns the file that holds a definition, for messages. */
  readonly sourceOf: (definition: EventType | ReferenceTable) => string;
}

/** A definition file that can't be served. */
export interface DefinitionFault {
  readonly file: string;
  /** One sentence that names the fault and a remedy, but not the file. */
  readonly reason: string;
}

/** A definition file that is ignored because the code defines the same table. */
export interface ReplacedDefinition {
  readonly file: string;
  /** File that holds the code's definition. */
  readonly by: string;
}

export interface FolderCatalog {
  /** The definitions of the code, and those of the folder that can be served. */
  readonly catalog: Catalog;
  readonly replaced: readonly ReplacedDefinition[];
  readonly faults: readonly DefinitionFault[];
  /** The file of each event type and reference table that the folder adds. */
  readonly fileOf: ReadonlyMap<EventType | ReferenceTable, string>;
}

/** Error for a folder with definitions that can't be served; the message names each file. */
export class DefinitionFilesError extends Error {
  override readonly name = 'DefinitionFilesError';
  constructor(readonly faults: readonly DefinitionFault[]) {
    super(faults.map(({ file, reason }) => `${file}: ${reason}`).join('\n'));
  }
}

/**
 * Returns the folder of definitions that the environment names with SLUICE_EVENTS_DIR; undefined where it names none.
 *
 * @throws {@link EventsFolderError} where the folder does not exist, because a misspelt name would silently leave out
 * its tables
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

/** Error for a folder that the environment names but that does not exist; the message is meant for a person. */
export class EventsFolderError extends Error {
  override readonly name = 'EventsFolderError';
}

/**
 * Reads the definitions that a folder adds to those of the code, and decides for each file whether it can be served.
 * Where both define the same table, the code's definition is served if it can read everything that was stored by the
 * file's.
 *
 * @param folder nothing is added where it is undefined or does not exist
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

/**
 * Reads a catalogue like {@link readFolderCatalog}, but refuses a folder with any fault.
 *
 * @throws {@link DefinitionFilesError}
 */
export function readWholeCatalog(folder: string | undefined, code: CodeDefinitions): Catalog {
  const { catalog, faults } = readFolderCatalog(folder, code);
  if (faults.length > 0) throw new DefinitionFilesError(faults);
  return catalog;
}

type AddedDefinition =
  | { readonly eventType: EventType; readonly reference?: never }
  | { readonly reference: ReferenceTable; readonly eventType?: never };

/**
 * Returns the catalogue with one more definition, after deriving from it everything that the stacks will use.
 *
 * @throws DefinitionError where the name of one of its tables or views is taken; Error where something can't be
 * derived from it
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
  /** Changes by which the code's definition is incompatible with the file's. */
  readonly breaking: readonly Change[];
}

/** Returns the code's definition of the same table; undefined where the code has none. */
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

/**
 * Returns the changes that affect stored rows. A value that is refused from now on leaves stored rows unchanged, and
 * so does a new identity.
 */
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
