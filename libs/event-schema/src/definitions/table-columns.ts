import { columnName, pathText, schemaColumns, type Column } from '../schema/columns';
import { ingestedAtColumn, isSystemColumnName, systemColumns } from '../schema/system-columns';
import type { EventType } from './define-event';
import { storedColumn } from './privacy';

/**
 * Returns the columns of an event's own values as they are stored: a `privacy` rule can change a type. An identity
 * named `event_id` is the system column, and not among these.
 */
export const eventColumns = (eventType: EventType): readonly Column[] =>
  schemaColumns(eventType.schema)
    .filter(({ name }) => !isSystemColumnName(name))
    .map((column) => storedColumn(eventType, column));

/** Returns the columns of the table: the event's own, then the system columns. */
export const tableColumns = (eventType: EventType): readonly Column[] => [
  ...eventColumns(eventType),
  ...systemColumns,
];

/**
 * Largest size of a key in bytes of UTF-8. An event with a longer one becomes a failed record, and a look-up by one
 * is refused.
 */
export const maxKeyBytes = 1_024;

/** Returns the column by which look-ups find rows and compacted files are sorted. */
export function keyColumn(eventType: EventType): Column {
  const name = columnName([eventType.key]);
  const columns = tableColumns(eventType);
  const column =
    columns.find(({ path }) => path.length > 0 && pathText(path) === eventType.key) ??
    columns.find((candidate) => candidate.name === name);
  if (!column)
    throw new Error(`event type ${eventType.name} has no column for its key ${eventType.key}`);
  return column;
}

/**
 * Returns the column of the time at which an event happened; undefined where the event type names none, or one that
 * is neither a time nor a date. In that case events count by their arrival.
 */
export function timeColumn(eventType: EventType): Column | undefined {
  const { time } = eventType;
  if (time === undefined) return undefined;
  const column = tableColumns(eventType).find(({ path }) => pathText(path) === time);
  return column && isTime(column) ? column : undefined;
}

const isTime = ({ type: { kind } }: Column): boolean => kind === 'timestamp' || kind === 'date';

/**
 * Returns the columns that determine the moment of a row: the event's time and, where that may be missing, its
 * arrival.
 */
export function momentColumns(eventType: EventType): readonly Column[] {
  const time = timeColumn(eventType);
  if (!time) return [ingestedAtColumn];
  return time.required && !time.nullable ? [time] : [time, ingestedAtColumn];
}
