import type { Static, TSchema } from '@sinclair/typebox';
import { isSystemColumnName, pathText, schemaColumns, type Column } from './columns';
import { pointerStep, supportedKeywords, type JsonSchema } from './json-schema';

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

/** A definition that can't be served; the message says where, what and what to do. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
  constructor(
    readonly eventName: string,
    /** JSON pointer into the definition. */
    readonly pointer: string,
    detail: string,
  ) {
    super(`event type "${eventName}", at ${pointer || '/'}: ${detail}`);
  }
}

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
  const { name } = definition;
  const refuse = (pointer: string, detail: string): never => {
    throw new DefinitionError(name, pointer, detail);
  };
  for (const member of Object.keys(definition))
    if (!definitionMembers.has(member))
      refuse(
        pointerStep(member),
        `unknown member; a definition has ${[...definitionMembers].join(', ')}`,
      );
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

function checkSchema(eventName: string, schema: JsonSchema, pointer: string): void {
  for (const keyword of Object.keys(schema))
    if (!supportedKeywords.has(keyword))
      throw new DefinitionError(
        eventName,
        pointer + pointerStep(keyword),
        `keyword "${keyword}" is not supported; use one of ${[...supportedKeywords].join(', ')}`,
      );
  for (const [name, child] of Object.entries(schema.properties ?? {}))
    checkSchema(eventName, child, `${pointer}/properties${pointerStep(name)}`);
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(schema.properties ?? {}, name))
      throw new DefinitionError(
        eventName,
        `${pointer}/required`,
        `"${name}" is required but not among the properties; add it or drop it from the list`,
      );
  if (schema.items) checkSchema(eventName, schema.items, `${pointer}/items`);
  schema.anyOf?.forEach((branch, index) =>
    checkSchema(eventName, branch, `${pointer}/anyOf/${index}`),
  );
  if (typeof schema.additionalProperties === 'object')
    checkSchema(eventName, schema.additionalProperties, `${pointer}/additionalProperties`);
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

/** The table of an event type. Majors above 1 have a table of their own: `orders`, `orders_v2`. */
export function tableName(eventType: EventType): string {
  const major = Number(versionPattern.exec(eventType.version)?.[1] ?? 1);
  return major > 1 ? `${eventType.name}_v${major}` : eventType.name;
}
