import { isComparable } from './check-columns';
import type { Refuse } from './definition-error';
import { ruleOfPath, type PrivacyDefinition } from './privacy';
import { pathText, type Column } from '../schema/columns';
import { eventIdColumn } from '../schema/system-columns';

/** Parameters of a look-up that are no path: an index of such a name could not be asked for. */
export const lookupParameters = [
  'id',
  'date',
  'from',
  'to',
  'eventDate',
  'since',
  'until',
  'order',
  'latest',
  'columns',
  'limit',
  'cursor',
  'explain',
] as const;
export type LookupParameter = (typeof lookupParameters)[number];

/** Each index makes every compaction write the values once more. */
export const maxIndexes = 8;

interface IndexedDefinition extends PrivacyDefinition {
  readonly key: string;
  readonly indexes?: readonly string[];
}

/** Refuses indexes that could not be asked for, or by whose values nothing could be found. */
export function checkIndexes(
  refuse: Refuse,
  definition: IndexedDefinition,
  columns: readonly Column[],
): void {
  const { key }: IndexedDefinition = definition;
  const { indexes }: { indexes?: unknown } = definition;
  if (indexes === undefined) return;
  if (!Array.isArray(indexes) || !indexes.every((path) => typeof path === 'string'))
    return refuse('/indexes', 'must be an array of paths');
  if (indexes.length > maxIndexes)
    refuse('/indexes', `has ${indexes.length} paths, and at most ${maxIndexes} are kept`);
  for (const [at, path] of indexes.entries())
    checkIndex(refuse, { path, pointer: `/indexes/${at}` }, { ...definition, key }, columns);
  if (new Set(indexes).size < indexes.length) refuse('/indexes', 'has a path twice');
}

function checkIndex(
  refuse: Refuse,
  { path, pointer }: { readonly path: string; readonly pointer: string },
  definition: IndexedDefinition,
  columns: readonly Column[],
): void {
  if (path === definition.key)
    refuse(pointer, `"${path}" is the key, which look-ups find without an index`);
  if (lookupParameters.some((name) => name === path))
    refuse(
      pointer,
      `"${path}" is a parameter of every look-up (${lookupParameters.join(', ')}), so that it could not be asked for; rename it at the source`,
    );
  const column = columns.find((one) => pathText(one.path) === path);
  // Every table has an event_id, whether or not the schema names one.
  if (!column && path === eventIdColumn.name) return;
  if (!column)
    return refuse(
      pointer,
      `"${path}" is not a path of the schema; it has ${columns.map((one) => pathText(one.path)).join(', ')}`,
    );
  if (!isComparable(column))
    refuse(
      pointer,
      `"${path}" is of type ${column.type.kind}; use a string, an integer, a decimal, a date or a time`,
    );
  const rule = ruleOfPath(definition, column.path);
  if (rule !== undefined && rule !== 'hash')
    refuse(
      pointer,
      `"${path}" has the rule "${rule}", after which different values are the same; only "hash" keeps them apart`,
    );
}
