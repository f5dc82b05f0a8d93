import type { EventType } from '../definitions/define-event';
import { referenceColumns, type ReferenceTable } from '../definitions/define-reference';
import { eventColumns } from '../definitions/table-columns';
import type { Column } from '../schema/columns';
import { isRestricted } from '../schema/restricted';
import { unmappedColumn } from '../schema/system-columns';

/** Returns the names of an event type's restricted columns; `unmapped` is not among them. */
export const restrictedColumns = (eventType: EventType): readonly string[] =>
  namesOf(eventColumns(eventType));

/** Returns the names of a reference table's restricted columns. */
export const restrictedReferenceColumns = (reference: ReferenceTable): readonly string[] =>
  namesOf(referenceColumns(reference));

const namesOf = (columns: readonly Column[]): readonly string[] =>
  columns.filter(isRestricted).map(({ name }) => name);

/**
 * Returns the scopes that an API key needs to see a column of an event type: `<event type>.<column>`, none where every
 * key sees it. For `unmapped` these are all restricted columns, because it may hold the same values under another
 * spelling.
 */
export function neededForColumn(eventType: EventType, column: string): readonly string[] {
  const restricted = restrictedColumns(eventType);
  const needed =
    column === unmappedColumn.name ? restricted : restricted.filter((name) => name === column);
  return needed.map((name) => `${eventType.name}.${name}`);
}
