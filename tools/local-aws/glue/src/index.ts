/**
 * Tables that functions make in Glue's Data Catalog.
 *
 * @example
 * const tables = new GlueCatalog(new RecordFolder<CatalogedTable>('.sluice/glue'));
 * startAwsJson({ services: [glueApi(tables)], … });
 */
export { glueApi } from './glue-api';
export { GlueCatalog, type CatalogedTable, type TableInput } from './glue-catalog';
