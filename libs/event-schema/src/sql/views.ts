import { pathText, type Column } from '../schema/columns';
import { eventIdColumn, ingestedAtColumn, partitionColumn } from '../schema/system-columns';
import { eventColumns, keyColumn, tableColumns } from '../definitions/table-columns';
import { tableName, type EventType } from '../definitions/define-event';
import { rawTableName } from '../derived/glue-columns';
import { sqlName } from './sql-text';

/**
 * Returns the names of an event type's tables and views in SQL: the raw files, the Iceberg table of the rows, and the
 * view of the latest row of each key.
 */
export const catalogNames = (eventType: EventType) => {
  const table = tableName(eventType);
  return {
    raw: rawTableName(eventType),
    rows: table,
    latest: `${table}_latest`,
  } as const;
};

/** Returns the columns of an event type's rows in SQL: those of the table, then the day. */
export const rowColumns = (eventType: EventType): readonly Column[] => [
  ...tableColumns(eventType),
  {
    name: partitionColumn,
    path: [],
    type: { kind: 'string' },
    required: true,
    nullable: false,
    schema: { description: 'Day of arrival, UTC.' },
  },
];

/** A name that no column can have, because those consist of `[a-z0-9_]`. */
const position = sqlName('row number');

/**
 * Writes the view of the latest row of each key: by the time of the event where the event type names one, else by
 * arrival. It reads all days: a filter on the key limits which files are read, one on the day does not.
 */
export function latestView(eventType: EventType): string {
  const columns = rowColumns(eventType)
    .map(({ name }) => sqlName(name))
    .join(', ');
  const order = [
    ...eventColumns(eventType)
      .filter(({ path }) => pathText(path) === eventType.time)
      .map(({ name }) => name),
    ingestedAtColumn.name,
    eventIdColumn.name,
  ].map((name) => `${sqlName(name)} DESC NULLS LAST`);
  const key = sqlName(keyColumn(eventType).name);
  return [
    `SELECT ${columns}`,
    'FROM (',
    `  SELECT ${columns},`,
    `    row_number() OVER (PARTITION BY ${key} ORDER BY ${order.join(', ')}) AS ${position}`,
    `  FROM ${sqlName(catalogNames(eventType).rows)}`,
    ') AS "numbered"',
    `WHERE ${position} = 1`,
  ].join('\n');
}
