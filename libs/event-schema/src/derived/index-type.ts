import { columnName, pathText, type Column } from '../schema/columns';
import type { JsonSchema } from '../schema/json-schema';
import type { EventType } from '../definitions/define-event';
import { tableColumns } from '../definitions/table-columns';

/** One index of a table: the path by which it is asked for, and the column whose values it finds. */
export interface IndexedColumn {
  readonly path: string;
  readonly column: Column;
}

/** Returns the indexes of a table, in the order of the definition. */
export const indexedColumns = (eventType: EventType): readonly IndexedColumn[] =>
  (eventType.indexes ?? []).map((path) => ({ path, column: columnOf(eventType, path) }));

function columnOf(eventType: EventType, path: string): Column {
  const columns = tableColumns(eventType);
  const column =
    columns.find((one) => one.path.length > 0 && pathText(one.path) === path) ??
    columns.find(({ name }) => name === columnName([path]));
  if (!column) throw new Error(`event type ${eventType.name} has no column for its index ${path}`);
  return column;
}

/**
 * Describes the entries of an index as if they were events, so that what sorts, writes, merges and reads the files of a table does the
 * same with those of an index: the value is the key, the moment of the row its time, and `event_id` names the row.
 */
export const indexType = (
  { name, version }: Pick<EventType, 'name' | 'version'>,
  { column }: IndexedColumn,
): EventType => ({
  name,
  version,
  key: 'value',
  time: 'moment',
  schema: {
    type: 'object',
    required: ['value', 'moment'],
    properties: {
      value: storedSchema(column),
      moment: { type: 'string', format: 'date-time', digits: 6 },
    },
  },
});

/** Returns a schema of the values as they are stored, which a rule of `privacy` may have changed. */
function storedSchema({ type, schema }: Column): JsonSchema {
  switch (type.kind) {
    case 'bigint':
      return { type: 'integer' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'timestamp':
      return { type: 'string', format: 'date-time', digits: type.digits };
    case 'decimal': {
      const { precision, scale } = type;
      return { type: 'string', format: 'decimal', precision, scale };
    }
    default:
      return { type: 'string', ...(schema.format === 'uuid' && { format: 'uuid' }) };
  }
}
