import { columnName, pathText, unfitColumn, type Column } from '@sluice/event-schema';
import { quoted } from './problem-list';

/** Largest number of columns of a table that is inferred; a definition may have more. */
export const maxInferredColumns = 1_000;

type NamedColumn = Pick<Column, 'name' | 'path'>;

/** Returns the column for a name in a file's header. */
export const headerColumn = (header: string): NamedColumn => ({
  name: columnName([header]),
  path: [header],
});

/**
 * Returns a sentence for each column that can't be in a table, because it has no name, an unsafe one, or the same as
 * another column.
 */
export function columnFaults(columns: readonly NamedColumn[]): readonly string[] {
  const faults: string[] = [];
  const byName = new Map<string, NamedColumn>();
  columns.forEach((column, index) => {
    const shown = quoted(pathText(column.path));
    const unfit = unfitColumn(column);
    const other = byName.get(column.name);
    if (column.name === '') faults.push(`column ${index + 1} has no name; give it one`);
    else if (unfit !== undefined)
      faults.push(`column ${index + 1}, ${shown}, can't be a column: ${unfit}; rename it`);
    else if (other)
      faults.push(
        `${quoted(pathText(other.path))} and ${shown} both give the column "${column.name}"; rename one of them`,
      );
    else byName.set(column.name, column);
  });
  return faults;
}
