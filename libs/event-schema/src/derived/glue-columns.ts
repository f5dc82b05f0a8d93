import { pathText, type Column } from '../schema/columns';
import { tableName, type EventType } from '../definitions/define-event';
import { glueType } from '../schema/glue-type';
import { tableColumns } from '../definitions/table-columns';

export interface GlueColumn {
  readonly name: string;
  /** Hive type name. */
  readonly type: string;
  readonly comment?: string;
}

/** Names the Glue table over the raw files, by which Firehose converts; the table's own name is the view that Athena reads. */
export const rawTableName = (eventType: EventType): string => `${tableName(eventType)}_raw`;

/** Glue allows 255 characters in a column comment (API reference: Column). */
const maxCommentLength = 255;

export const glueColumn = ({ name, path, type, schema }: Column): GlueColumn => {
  // Where a column's name does not tell its path, its comment does.
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
