import { rowsByKey, type EventType, type NamedQuery } from '@sluice/event-schema';
import { eventsOfPlayer } from './events-of-player';
import { topPlayers } from './top-players';

export { eventsOfPlayer, topPlayers };

/** Queries that ship, beside those that every event type has. */
export const shippedQueries: readonly NamedQuery[] = [eventsOfPlayer, topPlayers];

/** All queries of a lake: those given and, for each event type, its rows by key. */
export const lakeQueries = (
  eventTypes: readonly EventType[],
  queries: readonly NamedQuery[] = shippedQueries,
): readonly NamedQuery[] => [...queries, ...eventTypes.map(rowsByKey)];
