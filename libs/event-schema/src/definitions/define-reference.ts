import type { TSchema } from '@sinclair/typebox';
import { checkColumns, checkPath } from './check-columns';
import { checkDefinition } from './check-members';
import { checkSchema } from './check-schema';
import { schemaColumns, type Column } from '../schema/columns';
import type { Refuse } from './definition-error';
import type { JsonSchema } from '../schema/json-schema';
import { checkSubject } from './privacy';

/** A reference table as its author writes it: rows to which events refer by an id. */
export interface ReferenceDefinition<S = JsonSchema> {
  /** Name of the reference table, `[a-z][a-z0-9_]*`; also of the table in SQL and the folder. */
  readonly name: string;
  readonly description?: string;
  /** Path of the value that identifies a row, joined by `.`. The value is required. */
  readonly key?: string;
  /** Paths of the values that name a person, whose rows an erasure takes out. */
  readonly subject?: string | readonly string[];
  /** Schema of one row, an object. It is flattened into columns like an event. */
  readonly schema: S;
}

/** A checked reference table, as plain JSON. Made by {@link defineReference}. */
export type ReferenceTable = ReferenceDefinition;

const members: ReadonlySet<string> = new Set<keyof ReferenceDefinition>([
  'name',
  'description',
  'key',
  'subject',
  'schema',
]);

/**
 * Checks the definition of a reference table and returns it.
 *
 * @throws {@link DefinitionError} where the definition is wrong
 */
export function defineReference(
  written: ReferenceDefinition<JsonSchema | TSchema>,
): ReferenceTable {
  const definition = written as ReferenceTable;
  const refuse: Refuse = checkDefinition('reference table', definition, {
    members,
    texts: ['name'],
    optionalTexts: ['description', 'key'],
  });
  checkSchema(refuse, definition.schema, '/schema');
  if (definition.schema.type !== 'object' || !definition.schema.properties)
    refuse('/schema', 'a row is an object: "type": "object" with "properties"');
  const columns = schemaColumns(definition.schema);
  if (columns.length === 0) refuse('/schema', 'a table has at least one column; name a property');
  checkColumns(refuse, columns, '');
  if (definition.key !== undefined)
    checkPath(refuse, columns, 'key', definition.key, { alwaysThere: true });
  checkSubject(refuse, definition, columns);
  return definition;
}

/** Returns the columns of a reference table: those of its rows, without system columns. */
export const referenceColumns = (reference: ReferenceTable): readonly Column[] =>
  schemaColumns(reference.schema);
