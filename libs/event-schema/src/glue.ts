import { tableColumns, type Column } from './columns';
import type { ColumnType } from './column-type';
import { tableName, type EventType } from './define-event';

export interface GlueColumn {
  readonly name: string;
  /** Hive type name. */
  readonly type: string;
  readonly comment?: string;
}

/** Hive's name for a column type; JSON text is a `string`. */
export function glueType(type: ColumnType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'array':
      return `array<${glueType(type.items)}>`;
    case 'json':
      return 'string';
    default:
      return type.kind;
  }
}

/** The Glue table over the raw files, by which Firehose converts; the table's own name is the view that Athena reads. */
export const rawTableName = (eventType: EventType): string => `${tableName(eventType)}_raw`;

/** Glue allows 255 characters in a column comment (API reference: Column). */
const maxCommentLength = 255;

export const glueColumn = ({ name, type, schema }: Column): GlueColumn => ({
  name,
  type: glueType(type),
  ...(schema.description && { comment: schema.description.slice(0, maxCommentLength) }),
});

export const glueColumns = (eventType: EventType): readonly GlueColumn[] =>
  tableColumns(eventType).map(glueColumn);
