import type { Static, TSchema } from '@sinclair/typebox';
import { isSystemColumnName, pathText, schemaColumns, unfitColumn, type Column } from './columns';
import { checkSchema } from './check-schema';
import { DefinitionError } from './definition-error';
import { pointerStep, type JsonSchema } from './json-schema';

/** An event type as its author writes it. */
export interface EventDefinition<S = JsonSchema> {
  /** `[a-z][a-z0-9_]*`; also the table, the stream and the path segment. */
  readonly name: string;
  /** Semantic version. A new major part makes a new table. */
  readonly version: string;
  readonly description?: string;
  /** Path of the value that look-ups use, joined by `.`; must always be there. `event_id` is every table's own. */
  readonly key: string;
  /** Path of the value that tells one event from another; without it, position in the stream does. */
  readonly identity?: string;
  /** Path of the time at which the event happened, as opposed to when it arrived. */
  readonly time?: string;
  /** An object schema. */
  readonly schema: S;
}

declare const staticType: unique symbol;

/** A checked event type: plain JSON, so that it travels beside a bundle. Made by {@link defineEvent}. */
export interface EventType<T = unknown> extends EventDefinition {
  readonly [staticType]?: T;
}

/** The TypeScript type of the events of an event type: `EventOf<typeof matchEvent>`. */
export type EventOf<E> = E extends EventType<infer T> ? T : never;

const namePattern = /^[a-z][a-z0-9_]*$/;
const maxNameLength = 64;
const versionPattern = /^(\d+)\.(\d+)\.(\d+)$/;

const definitionMembers: ReadonlySet<string> = new Set<keyof EventDefinition>([
  'name',
  'version',
  'description',
  'key',
  'identity',
  'time',
  'schema',
]);

export function defineEvent<S extends TSchema>(
  definition: EventDefinition<S>,
): EventType<Static<S>>;
export function defineEvent(definition: EventDefinition): EventType;
/** @throws {@link DefinitionError} where the definition is wrong. */
export function defineEvent(definition: EventDefinition): EventType {
  const name = String((definition as Partial<EventDefinition>).name);
  const refuse = (pointer: string, detail: string): never => {
    throw new DefinitionError(name, pointer, detail);
  };
  for (const member of Object.keys(definition))
    if (!definitionMembers.has(member))
      refuse(
        pointerStep(member),
        `unknown member; a definition has ${[...definitionMembers].join(', ')}`,
      );
  for (const member of ['name', 'version', 'key', 'description', 'identity', 'time'] as const) {
    const optional = member === 'description' || member === 'identity' || member === 'time';
    const value: unknown = definition[member];
    if (typeof value !== 'string' && !(optional && value === undefined))
      refuse(`/${member}`, value === undefined ? 'is missing' : 'must be a text');
  }
  if (!namePattern.test(name) || name.length > maxNameLength)
    refuse(
      '/name',
      `a name matches ${namePattern.source} and has at most ${maxNameLength} characters`,
    );
  if (!versionPattern.test(definition.version))
    refuse('/version', `"${definition.version}" is not a version such as 1.0.0`);
  checkSchema(name, definition.schema, '/schema');
  if (definition.schema.type !== 'object' || !definition.schema.properties)
    refuse('/schema', 'an event is an object: "type": "object" with "properties"');

  const columns = schemaColumns(definition.schema);
  checkCollisions(definition, columns);
  checkPath(definition, columns, 'key');
  checkPath(definition, columns, 'identity');
  checkPath(definition, columns, 'time');
  return definition;
}

const schemaPointer = (path: readonly string[]): string =>
  '/schema' + path.map((step) => `/properties${pointerStep(step)}`).join('');

function checkCollisions(definition: EventDefinition, columns: readonly Column[]): void {
  const byName = new Map<string, Column>();
  for (const column of columns) {
    const other = byName.get(column.name);
    if (other)
      throw new DefinitionError(
        definition.name,
        schemaPointer(column.path),
        `"${pathText(other.path)}" and "${pathText(column.path)}" both give the column "${column.name}"; ` +
          'leave one out (its values stay in "unmapped") or rename it at the source',
      );
    byName.set(column.name, column);
    const unfit = unfitColumn(column);
    if (unfit)
      throw new DefinitionError(
        definition.name,
        schemaPointer(column.path),
        `${unfit}; leave it out (its values stay in "unmapped")`,
      );
    const isIdentity = column.name === 'event_id' && definition.identity === pathText(column.path);
    if (isSystemColumnName(column.name) && !isIdentity)
      throw new DefinitionError(
        definition.name,
        schemaPointer(column.path),
        `"${pathText(column.path)}" gives the column "${column.name}", which every table has already; ` +
          'leave it out (its values stay in "unmapped")',
      );
  }
}

const scalarKinds: ReadonlySet<string> = new Set([
  'bigint',
  'string',
  'timestamp',
  'date',
  'decimal',
]);

function checkPath(
  definition: EventDefinition,
  columns: readonly Column[],
  member: 'key' | 'identity' | 'time',
): void {
  const wanted = definition[member];
  if (wanted === undefined) return;
  const column = columns.find(({ path }) => pathText(path) === wanted);
  const refuse = (detail: string): never => {
    throw new DefinitionError(definition.name, `/${member}`, detail);
  };
  if (!column && member === 'key' && wanted === 'event_id') return;
  if (!column) {
    const known = columns.map(({ path }) => pathText(path)).join(', ');
    return refuse(`"${wanted}" is not a path of the schema; it has ${known}`);
  }
  if (!scalarKinds.has(column.type.kind))
    refuse(
      `"${wanted}" is of type ${column.type.kind}; use a string, an integer, a date or a time`,
    );
  if (member !== 'time' && (!column.required || column.nullable))
    refuse(`"${wanted}" may be absent or null; make it (and the objects around it) required`);
}

/**
 * Event types that are served together need tables of their own: `orders_v2` is the name of one type and could be the table
 * of another. @throws {@link DefinitionError}
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

/** The table of an event type. Majors above 1 have a table of their own: `orders`, `orders_v2`. */
export function tableName(eventType: EventType): string {
  const major = Number(versionPattern.exec(eventType.version)?.[1] ?? 1);
  return major > 1 ? `${eventType.name}_v${major}` : eventType.name;
}
