import {
  lakeQueries,
  type Catalog,
  type EventType,
  type ReferenceTable,
} from '@sluice/event-schema';
import type { CodeDefinitions } from '@sluice/event-schema/folder';
import { shippedEventTypes } from './events';
import { shippedJoins } from './joins';
import { shippedQueries } from './queries';
import { shippedReferences } from './references';

/**
 * Holds all that ships; each event type has its query for rows by key.
 *
 * @example
 * import { shippedCatalog } from '@sluice/event-types';
 * const names = shippedCatalog.eventTypes.map(({ name }) => name); // match_event, product_event, contract
 */
export const shippedCatalog: Catalog = {
  eventTypes: shippedEventTypes,
  references: shippedReferences,
  joins: shippedJoins,
  queries: lakeQueries(shippedEventTypes, shippedQueries),
};

/** Returns the file that defines a shipped event type or reference table, from the workspace's root. */
export const sourceOf = (definition: EventType | ReferenceTable): string =>
  `libs/event-types/src/${'version' in definition ? 'events' : 'references'}/${definition.name.replaceAll('_', '-')}.ts`;

/** Holds what a folder of definition files adds to. */
export const shippedDefinitions: CodeDefinitions = { catalog: shippedCatalog, sourceOf };
