import type { Join, NamedQuery } from '@sluice/event-schema';
import { joinSummary } from './jobs/join-summary';

/** The files that lie beside the bundle. */
export const bundledQueriesFile = 'queries.json';
export const bundledJoinsFile = 'joins.json';

export interface BundledDefinitionsOptions {
  readonly queries: readonly NamedQuery[];
  readonly joins: readonly Join[];
}

/** What the function serves, file by file: a JSON array each. */
export const bundledDefinitions = ({ queries, joins }: BundledDefinitionsOptions) => ({
  [bundledQueriesFile]: queries,
  [bundledJoinsFile]: joins.map(joinSummary),
});
