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
 * The catalogue of everything that ships; it includes each event type's query for rows by key.
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

/** Returns the path, from the workspace's root, of the file that defines a shipped event type or reference table. */
export const sourceOf = (definition: EventType | ReferenceTable): string =>
  `libs/event-types/src/${'version' in definition ? 'events' : 'references'}/${definition.name.replaceAll('_', '-')}.ts`;

/** The shipped definitions, to which a folder of definition files may add others. */
export const shippedDefinitions: CodeDefinitions = { catalog: shippedCatalog, sourceOf };
