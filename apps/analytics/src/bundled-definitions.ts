import { queryAccess, type Catalog } from '@sluice/event-schema';
import type { ReadAccess } from './http/read-access';
import { joinSummary } from './jobs/join-summary';

/** Names of the files beside the bundle. */
export const bundledQueriesFile = 'queries.json';
export const bundledJoinsFile = 'joins.json';
export const bundledAccessFile = 'access.json';

/** Returns the definitions that the function serves, by file. Queries and joins are a JSON array each. */
export const bundledDefinitions = (catalog: Catalog) => ({
  [bundledQueriesFile]: catalog.queries,
  [bundledJoinsFile]: catalog.joins.map(joinSummary),
  [bundledAccessFile]: readAccess(catalog),
});

/** Returns what queries and joins read, for the scopes of API keys. */
export const readAccess = (catalog: Catalog): ReadAccess => ({
  queries: Object.fromEntries(
    catalog.queries.map((query) => [query.name, queryAccess(query, catalog)]),
  ),
  joins: Object.fromEntries(catalog.joins.map(({ name, left }) => [name, left.name])),
});
