import { pointerStep } from '@sluice/values';
import { pathText, unfitColumn, type Column } from '../schema/columns';
import type { Refuse } from './definition-error';

/** Returns the JSON pointer, in the definition's schema, of the value at a path. */
export const schemaPointer = (path: readonly string[]): string =>
  '/schema' + path.map((step) => `/properties${pointerStep(step)}`).join('');

/**
 * Refuses columns that can't be in one table.
 *
 * @param nextStep advice for the author, as the end of the sentence
 */
export function checkColumns(refuse: Refuse, columns: readonly Column[], nextStep: string): void {
  const byName = new Map<string, Column>();
  for (const column of columns) {
    const pointer = schemaPointer(column.path);
    const other = byName.get(column.name);
    if (other)
      refuse(
        pointer,
        `"${pathText(other.path)}" and "${pathText(column.path)}" both give the column "${column.name}"; ` +
          `give one of them another by "column", leave it out${nextStep} or rename it at the source`,
      );
    byName.set(column.name, column);
    const unfit = unfitColumn(column);
    if (unfit) refuse(pointer, `${unfit}; leave it out${nextStep}`);
  }
}

/** Types whose values every engine compares for equality in the same way. */
const comparableKinds: ReadonlySet<string> = new Set([
  'bigint',
  'string',
  'timestamp',
  'date',
  'decimal',
]);

export const isComparable = (column: Column): boolean => comparableKinds.has(column.type.kind);

/** Refuses a member that does not name a column, or names one whose type can't be compared. */
export function checkPath(
  refuse: Refuse,
  columns: readonly Column[],
  member: string,
  wanted: string,
  { alwaysThere }: { readonly alwaysThere: boolean },
): void {
  const column = columns.find(({ path }) => pathText(path) === wanted);
  if (!column) {
    const known = columns.map(({ path }) => pathText(path)).join(', ');
    return refuse(`/${member}`, `"${wanted}" is not a path of the schema; it has ${known}`);
  }
  if (!isComparable(column))
    refuse(
      `/${member}`,
      `"${wanted}" is of type ${column.type.kind}; use a string, an integer, a date or a time`,
    );
  if (alwaysThere && (!column.required || column.nullable))
    refuse(
      `/${member}`,
      `"${wanted}" may be absent or null; make it (and the objects around it) required`,
    );
}
