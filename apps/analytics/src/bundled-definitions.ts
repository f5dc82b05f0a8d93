import type { Join, NamedQuery } from '@sluice/event-schema';
import { joinSummary } from './jobs/join-summary';

/** Names of the files beside the bundle. */
export const bundledQueriesFile = 'queries.json';
export const bundledJoinsFile = 'joins.json';

export interface BundledDefinitionsOptions {
  readonly queries: readonly NamedQuery[];
  readonly joins: readonly Join[];
}

/** Returns the definitions that the function serves, by file; each file holds a JSON array. */
export const bundledDefinitions = ({ queries, joins }: BundledDefinitionsOptions) => ({
  [bundledQueriesFile]: queries,
  [bundledJoinsFile]: joins.map(joinSummary),
});
