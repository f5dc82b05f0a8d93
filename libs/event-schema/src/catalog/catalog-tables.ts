import type { Column } from '../schema/columns';
import { partitionColumn } from '../schema/system-columns';
import { tableColumns } from '../definitions/table-columns';
import { tableName, type EventType } from '../definitions/define-event';
import { joinColumns, type Join } from '../definitions/define-join';
import { referenceColumns, type ReferenceTable } from '../definitions/define-reference';
import { glueColumn, type GlueColumn } from '../derived/glue-columns';
import { trinoType } from '../sql/type-names';
import { catalogNames, latestView, rowColumns } from '../sql/views';

/** Kind of a table in the catalogue. Names are unique across all kinds. */
export type CatalogKind = 'raw' | 'latest' | 'reference' | 'result';

/** Glue's TableInput as in CloudFormation, in camel case. */
export interface GlueTableInput {
  readonly name: string;
  readonly description?: string;
  readonly tableType: 'EXTERNAL_TABLE' | 'VIRTUAL_VIEW';
  readonly parameters: Readonly<Record<string, string>>;
  readonly partitionKeys: readonly GlueColumn[];
  readonly storageDescriptor: {
    readonly columns: readonly GlueColumn[];
    readonly location?: string;
    readonly inputFormat?: string;
    readonly outputFormat?: string;
    readonly serdeInfo: { readonly serializationLibrary?: string };
  };
  readonly viewOriginalText?: string;
  readonly viewExpandedText?: string;
}

export interface CatalogTable {
  readonly kind: CatalogKind;
  /** Name of the event type, reference table or join from which the table comes. */
  readonly source: string;
  readonly tableInput: GlueTableInput;
  /** SQL of a view. */
  readonly sql?: string;
}

export interface CatalogOptions {
  readonly eventTypes: readonly EventType[];
  readonly references: readonly ReferenceTable[];
  readonly joins: readonly Join[];
  /** Name of the lake's bucket. */
  readonly bucket: string;
  /**
   * Name of the Glue database. It must not be a token that is filled in later, because the views' texts are encoded.
   */
  readonly database: string;
}

const parquetSerde = 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe';
const formats = {
  parquet: {
    inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
    serdeInfo: { serializationLibrary: parquetSerde },
  },
  /** Parquet files that are listed in text files (Athena user guide: "Query S3 inventory with Athena"). */
  symlinks: {
    inputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
    outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    serdeInfo: { serializationLibrary: parquetSerde },
  },
} as const;

const dayKey: GlueColumn = {
  name: partitionColumn,
  type: 'string',
  comment: 'Day of arrival, UTC.',
};
const hourKey: GlueColumn = { name: 'hour', type: 'string', comment: 'Hour of arrival, UTC.' };

/** First day that SQL searches: before it there was no lake. */
const firstDay = '2024-01-01';

const dayProjection: Readonly<Record<string, string>> = {
  'projection.enabled': 'true',
  [`projection.${partitionColumn}.type`]: 'date',
  [`projection.${partitionColumn}.format`]: 'yyyy-MM-dd',
  [`projection.${partitionColumn}.range`]: `${firstDay},NOW`,
  [`projection.${partitionColumn}.interval`]: '1',
  [`projection.${partitionColumn}.interval.unit`]: 'DAYS',
};

const hourProjection: Readonly<Record<string, string>> = {
  'projection.hour.type': 'integer',
  'projection.hour.range': '0,23',
  'projection.hour.digits': '2',
};

/**
 * Returns the tables and views that templates have of a lake's Glue database, as plain values. The Iceberg tables of
 * the events' rows are not among them: compaction makes those.
 */
export const catalogTables = (options: CatalogOptions): readonly CatalogTable[] => [
  ...options.eventTypes.flatMap((eventType) => [
    rawTable(eventType, options),
    latestTable(eventType, options),
  ]),
  ...options.references.map((reference) => referenceTable(reference, options)),
  ...options.joins.map((join) => resultTable(join, options)),
];

/** Returns the table by which Firehose converts: the raw files, partitioned by hour. */
function rawTable(eventType: EventType, { bucket }: CatalogOptions): CatalogTable {
  const columns = tableColumns(eventType);
  const location = `s3://${bucket}/${tableName(eventType)}/raw/`;
  // An event may have its own column "hour". Its files then have one partition for each day, in which Athena finds
  // them.
  const byHour = !columns.some(({ name }) => name === hourKey.name);
  return external('raw', eventType, {
    name: catalogNames(eventType).raw,
    columns,
    partitionKeys: byHour ? [dayKey, hourKey] : [dayKey],
    parameters: {
      'parquet.compression': 'SNAPPY',
      ...dayProjection,
      ...(byHour && hourProjection),
      'storage.location.template': `${location}dt=\${dt}/${byHour ? 'hour=${hour}/' : ''}`,
    },
    location,
    format: 'parquet',
  });
}

const latestTable = (eventType: EventType, options: CatalogOptions): CatalogTable =>
  view('latest', eventType, catalogNames(eventType).latest, latestView(eventType), options);

const referenceTable = (reference: ReferenceTable, { bucket }: CatalogOptions): CatalogTable =>
  external('reference', reference, {
    name: reference.name,
    columns: referenceColumns(reference),
    partitionKeys: [],
    parameters: {},
    location: `s3://${bucket}/reference/${reference.name}/`,
    format: 'parquet',
  });

const resultTable = (join: Join, options: CatalogOptions): CatalogTable =>
  external('result', join, {
    name: join.name,
    columns: joinColumns(join),
    ...listedByDay(`s3://${options.bucket}/results/${join.name}/symlinks/`),
  });

interface ExternalTable {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly partitionKeys: readonly GlueColumn[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly location: string;
  readonly format: keyof typeof formats;
}

/** Returns the location and parameters of a table whose files are listed in one text file for each day. */
const listedByDay = (location: string) =>
  ({
    partitionKeys: [dayKey],
    parameters: {
      ...dayProjection,
      'storage.location.template': `${location}dt=\${dt}/`,
    },
    location,
    format: 'symlinks',
  }) as const;

interface Described {
  readonly name: string;
  readonly description?: string;
}

const external = (
  kind: CatalogKind,
  { name: source, description }: Described,
  { name, columns, partitionKeys, parameters, location, format }: ExternalTable,
): CatalogTable => ({
  kind,
  source,
  tableInput: {
    name,
    ...(description !== undefined && { description }),
    tableType: 'EXTERNAL_TABLE',
    // Partitions follow from the keys, so they need not be registered.
    parameters: { classification: 'parquet', ...parameters },
    partitionKeys,
    storageDescriptor: { columns: columns.map(glueColumn), location, ...formats[format] },
  },
});

/**
 * Returns a view over an Iceberg table as Athena itself stores one, so that Athena and other Trinos on Glue can read
 * it. They refuse a view whose columns are not of the types that its query gives.
 */
function view(
  kind: CatalogKind,
  eventType: EventType,
  name: string,
  sql: string,
  { database }: CatalogOptions,
): CatalogTable {
  const columns = rowColumns(eventType);
  const definition = {
    originalSql: sql,
    catalog: 'awsdatacatalog',
    schema: database,
    columns: columns.map((column) => ({ name: column.name, type: trinoType(column.type, 6) })),
  };
  const { description } = eventType;
  return {
    kind,
    source: eventType.name,
    sql,
    tableInput: {
      name,
      ...(description !== undefined && { description }),
      tableType: 'VIRTUAL_VIEW',
      parameters: { presto_view: 'true', comment: 'Presto View' },
      partitionKeys: [],
      storageDescriptor: { columns: columns.map(glueColumn), serdeInfo: {} },
      viewOriginalText: `/* Presto View: ${base64(JSON.stringify(definition))} */`,
      viewExpandedText: '/* Presto View */',
    },
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
