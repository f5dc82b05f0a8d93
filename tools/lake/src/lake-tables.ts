// Commands that work on tables of a lake: they find the event types that the command line means, and keep the lake open
// for as long as the work takes.
import { tableName, type Catalog, type EventType } from '@sluice/event-schema';
import { readFolderCatalog } from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
import { runCommand, UsageError, type Terminal } from '@sluice/terminal/command-line';
import {
  addedDefinitions,
  lakeErrors,
  namedLake,
  openNamedLake,
  type LakeOptions,
  type NamedLake,
} from './lake-options';
import type { OpenedLake } from './open-lake';
import { checkServed } from './refused-definitions';

/** Options of a command that works on tables. */
export interface TableOptions extends LakeOptions {
  /** Name of an event type or of its table; undefined for all. */
  readonly event?: string;
}

/** Names the event types on which a command can work, where it can't work on all. */
export interface EventTypeKind {
  readonly includes: (eventType: EventType) => boolean;
  /** What distinguishes them, such as `with "indexes"`. */
  readonly feature: string;
  /** Sentence for the case that there is none. */
  readonly absence: string;
}

/** The tables on which a command works. */
export interface LakeTables<Command> {
  readonly command: Command;
  readonly named: NamedLake;
  readonly lake: OpenedLake;
  /** The event types that are meant, at least one. */
  readonly eventTypes: readonly EventType[];
  readonly catalog: Catalog;
}

/**
 * Reads the definitions that a lake serves: the shipped ones, and those that were added.
 *
 * @throws UsageError where a local stack has refused those of its data directory
 */
export function servedCatalog(named: NamedLake, env: Terminal['env']): Catalog {
  if (named.dataDir !== undefined) checkServed(named.dataDir);
  return readFolderCatalog(addedDefinitions(named, env), shippedDefinitions).catalog;
}

/**
 * Runs a command on tables of a lake: parses its options, finds the event types that they mean, and opens the lake
 * until `work` has ended.
 *
 * @returns the exit code, which is the result of `work` or, after an error that the user can fix, 1
 */
export const runOnTables = <Command extends TableOptions>(
  terminal: Terminal,
  parse: (terminal: Terminal) => Command,
  work: (tables: LakeTables<Command>) => Promise<number>,
  kind?: EventTypeKind,
): Promise<number> =>
  runCommand(terminal, lakeErrors, async () => {
    const command = parse(terminal);
    const named = namedLake(command, terminal.env);
    const catalog = servedCatalog(named, terminal.env);
    const eventTypes = wantedEventTypes(catalog, command.event, kind);
    const lake = await openNamedLake(named);
    try {
      return await work({ command, named, lake, eventTypes, catalog });
    } finally {
      await lake.close();
    }
  });

/**
 * Finds the event type that a name means: its own, or its table's.
 *
 * @param advice sentence about what to do where there is none
 * @throws UsageError
 */
export function findEventType(
  name: string,
  { eventTypes }: Pick<Catalog, 'eventTypes'>,
  advice?: string,
): EventType {
  const found = eventTypes.find((eventType) => isNamed(eventType, name));
  if (found) return found;
  const known = eventTypes.map((one) => one.name).join(', ');
  throw new UsageError(
    `there is no event type ${name}; there is ${known}${advice === undefined ? '' : `. ${advice}`}`,
  );
}

const isNamed = (eventType: EventType, name: string): boolean =>
  eventType.name === name || tableName(eventType) === name;

/** Returns the event types that a name means, or all where there is no name. @throws UsageError where none is left */
function wantedEventTypes(
  { eventTypes }: Catalog,
  name: string | undefined,
  kind: EventTypeKind | undefined,
): readonly EventType[] {
  const ofKind = kind ? eventTypes.filter(kind.includes) : eventTypes;
  const wanted =
    name === undefined ? ofKind : ofKind.filter((eventType) => isNamed(eventType, name));
  if (wanted.length > 0) return wanted;
  if (name === undefined) throw new UsageError(kind?.absence ?? 'there is no event type');
  const known = findEventType(name, { eventTypes });
  throw new UsageError(`there is no event type ${known.name} ${kind?.feature ?? ''}`);
}
