import type { NamedQuery } from '@sluice/event-schema';
import { eventsOfPlayer } from './events-of-player';
import { topPlayers } from './top-players';

export { eventsOfPlayer, topPlayers };

/** Queries that ship, in addition to the query for rows by key that every event type has. */
export const shippedQueries: readonly NamedQuery[] = [eventsOfPlayer, topPlayers];
