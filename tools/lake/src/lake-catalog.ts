import { localAccount, readAssembly, TemplateResolver } from '@sluice/local-cloudformation';
import { icebergMetadataPrefix, referencesPrefix } from '@sluice/lake-layout';
import { type Catalog, type CatalogTable, readGlueTable } from '@sluice/local-athena';
import { deliveryStreamConfig } from '@sluice/local-firehose';

/** Returns the bucket to which delivery streams write. */
export function lakeBucket(resolver: TemplateResolver): string {
  const [first] = resolver
    .resources('AWS::KinesisFirehose::DeliveryStream')
    .map(deliveryStreamConfig);
  if (!first) throw new Error('the templates have no delivery stream');
  return first.bucketArn.split(':::')[1] ?? '';
}

/** Returns the catalogue for SQL: its tables, and the folders that a crawler would find. */
export function lakeCatalog(resolver: TemplateResolver): Catalog {
  const tables = sqlTables(resolver);
  return {
    database: tables[0]?.database ?? 'default',
    tables,
    crawled: { bucket: lakeBucket(resolver), prefix: referencesPrefix },
  };
}

/**
 * Returns the tables of the templates and those that compaction makes. Templates of an earlier release, in a data
 * directory that has not run since, have views with the same names as the latter.
 */
export function sqlTables(resolver: TemplateResolver): readonly CatalogTable[] {
  const templated = resolver.resources('AWS::Glue::Table').map(readGlueTable);
  const published = templated.flatMap(publishedTable);
  const names = new Set(published.map(({ name }) => name));
  return [...templated.filter(({ name }) => !names.has(name)), ...published];
}

/** Returns the Iceberg table that compaction makes of the files that Firehose writes to a table. */
function publishedTable(raw: CatalogTable): readonly CatalogTable[] {
  const [, table] = raw.kind === 'files' ? (/^([^/]+)\/raw\/$/.exec(raw.prefix) ?? []) : [];
  if (raw.kind !== 'files' || table === undefined) return [];
  const { database, bucket, columns } = raw;
  const prefix = icebergMetadataPrefix(table);
  return [{ kind: 'iceberg', database, name: table, bucket, prefix, columns }];
}

/** Reads the catalogue for SQL from a cloud assembly. @param folder of the assembly */
export const assemblyCatalog = (folder: string): Catalog =>
  lakeCatalog(new TemplateResolver(readAssembly(folder), localAccount));
