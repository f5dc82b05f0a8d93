import { pathText, type Column } from '../schema/columns';
import { eventIdColumn, ingestedAtColumn, partitionColumn } from '../schema/system-columns';
import { eventColumns, keyColumn, tableColumns } from '../definitions/table-columns';
import { tableName, type EventType } from '../definitions/define-event';
import { publishedTableName, rawTableName } from '../derived/glue-columns';
import { sqlName } from './sql-text';

/** Returns the names of an event type's tables and views in SQL. */
export const catalogNames = (eventType: EventType) => {
  const table = tableName(eventType);
  return {
    raw: rawTableName(eventType),
    files: `${table}_files`,
    rows: table,
    latest: `${table}_latest`,
    iceberg: publishedTableName(table),
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

/** Writes the query for the first row of each group in the given order. */
const firstRows = (
  columns: readonly string[],
  from: string,
  { groupBy, orderBy, or }: { groupBy: readonly string[]; orderBy: readonly string[]; or?: string },
): string =>
  [
    `SELECT ${columns.join(', ')}`,
    'FROM (',
    `  SELECT ${columns.join(', ')},`,
    `    row_number() OVER (PARTITION BY ${groupBy.join(', ')} ORDER BY ${orderBy.join(', ')}) AS ${position}`,
    `  FROM ${sqlName(from)}`,
    ') AS "numbered"',
    `WHERE ${position} = 1${or === undefined ? '' : ` OR ${or}`}`,
  ].join('\n');

/**
 * Writes the view of an event type's rows as a look-up sees them: of the rows with the same key, `event_id` and day,
 * the first that arrived. Copies on other days are removed when the later day is compacted. A row without an
 * `event_id` has no duplicates. A filter on the day limits which files are read.
 */
export function rowsView(eventType: EventType): string {
  const { files } = catalogNames(eventType);
  const key = sqlName(keyColumn(eventType).name);
  const eventId = sqlName(eventIdColumn.name);
  const groupBy = new Set([sqlName(partitionColumn), key, eventId]);
  return firstRows(
    rowColumns(eventType).map(({ name }) => sqlName(name)),
    files,
    {
      groupBy: [...groupBy],
      orderBy: [sqlName(ingestedAtColumn.name)],
      or: `${eventId} IS NULL`,
    },
  );
}

/**
 * Writes the view of the latest row of each key: by the time of the event where the event type names one, else by
 * arrival. It reads all days: a filter on the key limits which files are read, one on the day does not.
 */
export function latestView(eventType: EventType): string {
  const { rows } = catalogNames(eventType);
  const times = [
    ...eventColumns(eventType)
      .filter(({ path }) => pathText(path) === eventType.time)
      .map(({ name }) => name),
    ingestedAtColumn.name,
    eventIdColumn.name,
  ];
  return firstRows(
    rowColumns(eventType).map(({ name }) => sqlName(name)),
    rows,
    {
      groupBy: [sqlName(keyColumn(eventType).name)],
      orderBy: times.map((name) => `${sqlName(name)} DESC NULLS LAST`),
    },
  );
}
