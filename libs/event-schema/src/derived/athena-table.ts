import { tableName, type EventType } from '../definitions/define-event';
import { glueColumns, rawTableName } from './glue-columns';

export interface AthenaTableOptions {
  readonly database: string;
  /** Name of the lake's bucket. */
  readonly bucket: string;
  /** First day that Athena looks for, `YYYY-MM-DD`. */
  readonly since?: string;
}

/**
 * The statement that makes the table over the raw files of an event type in Athena, `<table>_raw`, for a lake that was not set up by the
 * stacks. Partitions are projected, so that none has to be added (Athena user guide: partition-projection).
 */
export function athenaTable(
  eventType: EventType,
  { database, bucket, since = '2024-01-01' }: AthenaTableOptions,
): string {
  const table = tableName(eventType);
  const location = `s3://${bucket}/${table}/raw/`;
  const columns = glueColumns(eventType).map(
    ({ name, type, comment }) =>
      `  ${quoted(name)} ${type}${comment ? ` COMMENT ${literal(comment)}` : ''}`,
  );
  const properties = Object.entries({
    'projection.enabled': 'true',
    'projection.dt.type': 'date',
    'projection.dt.format': 'yyyy-MM-dd',
    'projection.dt.range': `${since},NOW`,
    'projection.hour.type': 'integer',
    'projection.hour.range': '0,23',
    'projection.hour.digits': '2',
    'storage.location.template': `${location}dt=\${dt}/hour=\${hour}`,
  }).map(([name, value]) => `  ${literal(name)} = ${literal(value)}`);
  return [
    `CREATE EXTERNAL TABLE IF NOT EXISTS ${quoted(database)}.${quoted(rawTableName(eventType))} (`,
    columns.join(',\n'),
    ')',
    ...(eventType.description === undefined ? [] : [`COMMENT ${literal(eventType.description)}`]),
    'PARTITIONED BY (`dt` string, `hour` string)',
    'STORED AS PARQUET',
    `LOCATION ${literal(location)}`,
    `TBLPROPERTIES (\n${properties.join(',\n')}\n);\n`,
  ].join('\n');
}

/** Hive quotes names with backticks, and doubles those inside. */
const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** Hive's texts know backslash escapes. */
const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
