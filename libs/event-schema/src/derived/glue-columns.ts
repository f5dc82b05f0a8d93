import { pathText, type Column } from '../schema/columns';
import { tableName, type EventType } from '../definitions/define-event';
import { glueType } from '../sql/type-names';
import { tableColumns } from '../definitions/table-columns';

export interface GlueColumn {
  readonly name: string;
  /** Name of the Hive type. */
  readonly type: string;
  readonly comment?: string;
}

/**
 * Returns the name of the Glue table over the raw files, by which Firehose converts. The table's own name is that of
 * the Iceberg table.
 */
export const rawTableName = (eventType: EventType): string => `${tableName(eventType)}_raw`;

/** Largest number of characters in a column comment, as in Glue (API reference: Column). */
const maxCommentLength = 255;

export const glueColumn = ({ name, path, type, schema }: Column): GlueColumn => {
  // The comment gives a column's path where its name does not.
  const named = schema.column === undefined ? [] : [pathText(path)];
  const comment = [...named, ...(schema.description ? [schema.description] : [])].join(': ');
  return {
    name,
    type: glueType(type),
    ...(comment !== '' && { comment: comment.slice(0, maxCommentLength) }),
  };
};

export const glueColumns = (eventType: EventType): readonly GlueColumn[] =>
  tableColumns(eventType).map(glueColumn);
