import {
  eventColumns,
  glueType,
  isRestricted,
  pathText,
  tableColumns,
  tableName,
  type EventType,
} from '@sluice/event-schema';

/** Describes an event type for clients: its definition, and the columns that follow from it. */
export function describeEventType(eventType: EventType) {
  const own = new Set(eventColumns(eventType).map(({ name }) => name));
  return {
    ...eventType,
    table: tableName(eventType),
    columns: tableColumns(eventType).map((column) => {
      const { name, path, type, required, nullable, schema } = column;
      return {
        name,
        path: pathText(path),
        type: glueType(type),
        isRequired: required,
        isNullable: nullable,
        isSystem: path.length === 0 || !own.has(name),
        ...(isRestricted(column) && { isRestricted: true }),
        ...(typeof schema.description === 'string' && { description: schema.description }),
      };
    }),
  };
}
