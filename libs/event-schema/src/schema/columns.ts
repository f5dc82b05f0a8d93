import type { ColumnType } from '@sluice/values';
import { nodeShape } from './column-type';
import type { JsonSchema } from './json-schema';

export interface Column {
  /** Name of the column: lower case, `[a-z0-9_]` only; unique in its table. */
  readonly name: string;
  /** Member names from the event's root to the value; empty for a system column. */
  readonly path: readonly string[];
  readonly type: ColumnType;
  /** True where the value, and every object around it, must be present. */
  readonly required: boolean;
  /** True where the schema allows the value to be `null`. */
  readonly nullable: boolean;
  /** The schema node from which the column is made. */
  readonly schema: JsonSchema;
}

/** Joins member names as flattening does: `['a', 'b']` → `a.b`. */
export const pathText = (path: readonly string[]): string => path.join('.');

/** Returns the column name of a path: `['Actor', 'log-in']` → `actor_log_in`. Two paths may have the same name. */
export const columnName = (path: readonly string[]): string =>
  pathText(path)
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_');

/** Returns the column name of a value: the one in its schema, or else the one made from its path. */
export const columnNameOf = (path: readonly string[], { column }: JsonSchema): string =>
  column ?? columnName(path);

/** Largest number of characters in a column name, as in Glue (API reference: Column). */
const maxColumnNameLength = 255;

/** Returns the reason why a column can't have its name or its path; undefined where it can. */
export function unfitColumn({ name, path }: Pick<Column, 'name' | 'path'>): string | undefined {
  if (name === '') return 'an empty name gives a column without a name';
  if (path.includes('__proto__')) return '"__proto__" is not safe as the name of a member';
  if (path.some((step) => /\p{Surrogate}/u.test(step)))
    return "the name holds half a surrogate pair, which UTF-8 can't hold";
  if (name.length > maxColumnNameLength)
    return `the column's name would have ${name.length} characters, and Glue allows ${maxColumnNameLength}`;
  return undefined;
}

/**
 * Returns the columns of an object schema in the order of its properties, depth first. Adds no system columns and
 * does not check for collisions.
 */
export function schemaColumns(root: JsonSchema): readonly Column[] {
  const columns: Column[] = [];
  const visit = (schema: JsonSchema, path: readonly string[], required: boolean): void => {
    for (const [name, child] of Object.entries(schema.properties ?? {})) {
      const childPath = [...path, name];
      const childRequired = required && (schema.required?.includes(name) ?? false);
      const node = nodeShape(child);
      if (node.shape === 'object') visit(node.schema, childPath, childRequired && !node.nullable);
      else
        columns.push({
          name: columnNameOf(childPath, child),
          path: childPath,
          type: node.type,
          required: childRequired,
          nullable: node.nullable,
          schema: child,
        });
    }
  };
  visit(root, [], true);
  return columns;
}
