// A separate entry point (@sluice/event-schema/folder): the catalogue of what ships and what a folder of definition files adds.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  breakingChanges,
  type Change,
  compareEventTypes,
  compareReferences,
} from '@sluice/event-schema/compatibility';
import {
  batchRequestModel,
  type Catalog,
  catalogTables,
  checkCatalog,
  type EventType,
  lookupResponseSchema,
  type ReferenceTable,
  requestModel,
  tableName,
} from '@sluice/event-schema';
import {
  definitionFileSuffix,
  readEventType,
  readReference,
  referenceFileSuffix,
} from '@sluice/event-schema/node';
import { lakeQueries } from './queries';
import { shippedCatalog } from './shipped-catalog';

/** A definition file that can't be served. */
export interface DefinitionFault {
  readonly file: string;
  /** One sentence that names what is wrong and the way out; it does not name the file. */
  readonly reason: string;
}

/** A definition file in whose place a definition of the code is served. */
export interface ReplacedDefinition {
  readonly file: string;
  /** Where the code has it. */
  readonly by: string;
}

export interface FolderCatalog {
  /** All that ships, and all of the folder that can be served beside it. */
  readonly catalog: Catalog;
  readonly replaced: readonly ReplacedDefinition[];
  readonly faults: readonly DefinitionFault[];
  /** The file of each event type and reference table that the folder adds. */
  readonly fileOf: ReadonlyMap<EventType | ReferenceTable, string>;
}

/** Definitions in a folder that can't be served; the message names each file. */
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

/** The environment names a folder that is not there; the message is for a person. */
export class EventsFolderError extends Error {
  override readonly name = 'EventsFolderError';
}

/**
 * Reads what a folder adds to the definitions that ship, and decides of each file whether it can be served. A definition of the
 * code takes the place of a file's that defines the same table, where it reads all that was stored by the file's.
 *
 * @param folder one that is not there adds nothing, nor does none
 */
export function readFolderCatalog(folder: string | undefined): FolderCatalog {
  const replaced: ReplacedDefinition[] = [];
  const faults: DefinitionFault[] = [];
  const fileOf = new Map<EventType | ReferenceTable, string>();
  let catalog = shippedCatalog();
  for (const file of folder === undefined ? [] : definitionFiles(folder))
    try {
      const added = file.endsWith(definitionFileSuffix)
        ? { eventType: readEventType(file) }
        : { reference: readReference(file) };
      const by = definedInCode(added);
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

/** As {@link readFolderCatalog}, for those who can serve all or nothing. @throws {@link DefinitionFilesError} */
export function readWholeCatalog(folder: string | undefined): Catalog {
  const { catalog, faults } = readFolderCatalog(folder);
  if (faults.length > 0) throw new DefinitionFilesError(faults);
  return catalog;
}

type AddedDefinition =
  | { readonly eventType: EventType; readonly reference?: never }
  | { readonly reference: ReferenceTable; readonly eventType?: never };

/**
 * The catalogue with one definition more, tried as the stacks will use it.
 *
 * @throws DefinitionError where a table or view of it has a name that is taken; Error where nothing can be derived from it
 */
export function withDefinition(
  { eventTypes, references, joins }: Catalog,
  { eventType, reference }: AddedDefinition,
): Catalog {
  const all = eventType ? [...eventTypes, eventType] : eventTypes;
  const catalog = {
    eventTypes: all,
    references: reference ? [...references, reference] : references,
    joins,
    queries: lakeQueries(all),
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
  /** By the convention of the folders. */
  readonly file: string;
  /** What of the definition in the code does not go with that of the file. */
  readonly breaking: readonly Change[];
}

/** The definition that ships for the same table. */
function definedInCode({ eventType, reference }: AddedDefinition): DefinedInCode | undefined {
  const { eventTypes, references } = shippedCatalog();
  if (eventType) {
    const shipped = eventTypes.find((other) => tableName(other) === tableName(eventType));
    if (shipped?.name !== eventType.name) return undefined;
    return {
      kind: 'event type',
      name: shipped.name,
      file: `libs/event-types/src/events/${shipped.name.replaceAll('_', '-')}.ts`,
      breaking: breakingStored(compareEventTypes([eventType], [shipped])),
    };
  }
  const shipped = references.find(({ name }) => name === reference.name);
  if (!shipped) return undefined;
  return {
    kind: 'reference table',
    name: shipped.name,
    file: `libs/event-types/src/references/${shipped.name.replaceAll('_', '-')}.ts`,
    breaking: breakingStored(compareReferences([reference], [shipped])),
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
