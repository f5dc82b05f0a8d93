import type { Catalog, EventType } from '@sluice/event-schema';
import { shippedEventTypes } from './events';
import { shippedJoins } from './joins';
import { lakeQueries } from './queries';
import { shippedReferences } from './references';

/** All that ships, with event types added; each event type has its queries. */
export function shippedCatalog(added: readonly EventType[] = []): Catalog {
  const eventTypes = [...shippedEventTypes, ...added];
  return {
    eventTypes,
    references: shippedReferences,
    joins: shippedJoins,
    queries: lakeQueries(eventTypes),
  };
}
