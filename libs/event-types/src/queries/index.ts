import type { NamedQuery } from '@sluice/event-schema';
import { eventsOfPlayer } from './events-of-player';
import { topPlayers } from './top-players';

export { eventsOfPlayer, topPlayers };

/** Queries that ship, beside the rows by key that every event type has. */
export const shippedQueries: readonly NamedQuery[] = [eventsOfPlayer, topPlayers];
