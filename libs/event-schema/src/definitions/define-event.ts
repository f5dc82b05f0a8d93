import type { Static, TSchema } from '@sinclair/typebox';
import { checkColumns, checkPath, schemaPointer } from './check-columns';
import { checkIndexes } from './check-indexes';
import { checkDefinition } from './check-members';
import { checkSchema } from './check-schema';
import { checkPrivacy, type PrivacyDefinition } from './privacy';
import { pathText, schemaColumns } from '../schema/columns';
import { eventIdColumn, isReservedColumnName } from '../schema/system-columns';
import { DefinitionError, type Refuse } from './definition-error';
import type { JsonSchema } from '../schema/json-schema';

/** An event type as its author writes it. */
export interface EventDefinition<S = JsonSchema> extends PrivacyDefinition {
  /** Name of the event type, `[a-z][a-z0-9_]*`; also of the table, the stream and the path segment. */
  readonly name: string;
  /** Semantic version. A new major version makes a new table. */
  readonly version: string;
  readonly description?: string;
  /**
   * Path of the value by which look-ups find events, joined by `.`. The value is required. `event_id` is a column
   * that every table has.
   */
  readonly key: string;
  /** Path of the value that identifies an event. Without it, the position in the stream does. */
  readonly identity?: string;
  /** Path of the time at which the event happened, which differs from when it arrived. */
  readonly time?: string;
  /** Paths of further values by which look-ups find rows, such as `sessionId`. @default none */
  readonly indexes?: readonly string[];
  /** Schema of an object. */
  readonly schema: S;
}

declare const staticType: unique symbol;

/** A checked event type: plain JSON, so that it can be deployed beside a bundle. Made by {@link defineEvent}. */
export interface EventType<T = unknown> extends EventDefinition {
  readonly [staticType]?: T;
}

/** TypeScript type of the events of an event type: `EventOf<typeof matchEvent>`. */
export type EventOf<E> = E extends EventType<infer T> ? T : never;

/** Folders of the bucket that don't belong to an event type, so that no table may have their names. */
const reservedTables: ReadonlySet<string> = new Set(['reference', 'results', 'privacy']);

const versionPattern = /^(\d+)\.(\d+)\.(\d+)$/;

const definitionMembers: ReadonlySet<string> = new Set<keyof EventDefinition>([
  'name',
  'version',
  'description',
  'key',
  'identity',
  'time',
  'indexes',
  'schema',
  'subject',
  'privacy',
  'retentionDays',
  'rawRetentionDays',
  'errorRetentionDays',
  'legalHold',
]);

/**
 * Checks the definition of an event type and returns it. A schema of TypeBox also gives the events their TypeScript type.
 *
 * @example
 * import { Type } from '@sinclair/typebox';
 * import { defineEvent } from '@sluice/event-schema';
 * const order = defineEvent({
 *   name: 'order',
 *   version: '1.0.0',
 *   key: 'id',
 *   schema: Type.Object({ id: Type.String(), amount: Type.Optional(Type.Number()) }),
 * });
 */
export function defineEvent<S extends TSchema>(
  definition: EventDefinition<S>,
): EventType<Static<S>>;
export function defineEvent(definition: EventDefinition): EventType;
/**
 * Checks the definition of an event type and returns it.
 *
 * @throws {@link DefinitionError} where the definition is wrong
 */
export function defineEvent(definition: EventDefinition): EventType {
  const refuse: Refuse = checkDefinition('event type', definition, {
    members: definitionMembers,
    texts: ['name', 'version', 'key'],
    optionalTexts: ['description', 'identity', 'time'],
  });
  const { name } = definition;
  if (reservedTables.has(name))
    refuse('/name', `"${name}" is a folder that the lake has already; choose another name`);
  if (!versionPattern.test(definition.version))
    refuse('/version', `"${definition.version}" is not a version such as 1.0.0`);
  checkSchema(refuse, definition.schema, '/schema');
  if (definition.schema.type !== 'object' || !definition.schema.properties)
    refuse('/schema', 'an event is an object: "type": "object" with "properties"');

  const columns = schemaColumns(definition.schema);
  checkColumns(refuse, columns, ' (its values stay in "unmapped")');
  for (const { name: column, path } of columns) {
    const isIdentity = column === eventIdColumn.name && definition.identity === pathText(path);
    if (isReservedColumnName(column) && !isIdentity)
      refuse(
        schemaPointer(path),
        `"${pathText(path)}" gives the column "${column}", which every table has already; ` +
          'leave it out (its values stay in "unmapped")',
      );
  }
  for (const member of ['key', 'identity', 'time'] as const) {
    const wanted = definition[member];
    // Every table has an event_id, whether or not the schema names one.
    const isGiven = member === 'key' && wanted === eventIdColumn.name;
    if (wanted === undefined || (isGiven && !columns.some(({ path }) => pathText(path) === wanted)))
      continue;
    checkPath(refuse, columns, member, wanted, { alwaysThere: member !== 'time' });
  }
  checkPrivacy(refuse, definition, columns);
  checkIndexes(refuse, definition, columns);
  return definition;
}

/**
 * Checks that event types which are served together have different tables: `orders_v2` may be the name of one type
 * and the table of another.
 *
 * @throws {@link DefinitionError}
 */
export function checkTables(eventTypes: readonly EventType[]): void {
  const byTable = new Map<string, EventType>();
  for (const eventType of eventTypes) {
    const table = tableName(eventType);
    const other = byTable.get(table);
    if (other)
      throw new DefinitionError(
        eventType.name,
        '/name',
        `its table "${table}" is also that of event type "${other.name}" ${other.version}; rename one of them`,
      );
    byTable.set(table, eventType);
  }
}

/** Returns the table of an event type. Each major version above 1 has its own table: `orders`, `orders_v2`. */
export function tableName(eventType: EventType): string {
  const major = Number(versionPattern.exec(eventType.version)?.[1] ?? 1);
  return major > 1 ? `${eventType.name}_v${major}` : eventType.name;
}
