export {
  catalogTables,
  type CatalogKind,
  type CatalogOptions,
  type CatalogTable,
  type GlueTableInput,
} from './catalog-tables';
export { checkCatalog, type Catalog } from './check-catalog';
export { trinoType } from './trino-type';
export { catalogNames, latestView, rowColumns, rowsView } from './views';
