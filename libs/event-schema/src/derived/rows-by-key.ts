import { keyColumn, tableColumns } from '../definitions/table-columns';
import type { Column } from '../schema/columns';
import { eventIdColumn, ingestedAtColumn, partitionColumn } from '../schema/system-columns';
import { tableName, type EventType } from '../definitions/define-event';
import { defineQuery, type NamedQuery } from '../definitions/define-query';
import { trinoType } from '../sql/type-names';
import type { ParameterDefinition } from '../definitions/query-parameter';
import { sqlName } from '../sql/sql-text';
import { days } from './days';

/** Returns the name of the query that gives the same rows as a look-up, over any number of days. */
export const rowsByKeyName = (eventType: EventType): string => `${tableName(eventType)}_by_key`;

/** Returns a look-up as a query: the rows of one key, with the columns of a look-up's answer. */
export function rowsByKey(eventType: EventType): NamedQuery {
  const key = keyColumn(eventType);
  const columns = tableColumns(eventType).map(({ name }) => `  ${sqlName(name)}`);
  return defineQuery({
    name: rowsByKeyName(eventType),
    description: `Rows of ${eventType.name} by ${eventType.key}, over any number of days.`,
    sql: [
      'SELECT',
      columns.join(',\n'),
      `FROM ${sqlName(tableName(eventType))}`,
      `WHERE ${sqlName(key.name)} = ${keyValue(key)} AND ${sqlName(partitionColumn)} BETWEEN :from AND :to`,
      `ORDER BY ${sqlName(ingestedAtColumn.name)}, ${sqlName(eventIdColumn.name)}`,
    ].join('\n'),
    parameters: {
      id: { ...keyParameter(key), description: `The ${eventType.key} to look for.` },
      ...days,
    },
  });
}

/** Returns all queries of a lake: the given ones, and each event type's query for rows by key. */
export const lakeQueries = (
  eventTypes: readonly EventType[],
  queries: readonly NamedQuery[],
): readonly NamedQuery[] => [...queries, ...eventTypes.map(rowsByKey)];

/**
 * Writes the key parameter in SQL, with a cast where Athena can't pass it by type: it only accepts texts, numbers and
 * booleans.
 */
const keyValue = ({ type }: Column): string =>
  type.kind === 'bigint' || type.kind === 'string' ? ':id' : `CAST(:id AS ${trinoType(type)})`;

function keyParameter({ type }: Column): ParameterDefinition {
  switch (type.kind) {
    case 'bigint':
      return { type: 'integer' };
    case 'date':
    case 'timestamp':
      return { type: type.kind };
    case 'decimal': {
      const whole = type.precision - type.scale;
      const fraction = type.scale > 0 ? `([.][0-9]{1,${type.scale}})?` : '';
      return {
        type: 'string',
        pattern: `^-?${whole > 0 ? `[0-9]{1,${whole}}` : '0?'}${fraction}$`,
      };
    }
    default:
      return { type: 'string' };
  }
}
