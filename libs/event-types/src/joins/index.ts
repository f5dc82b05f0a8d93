import type { Join } from '@sluice/event-schema';
import { matchEventMatches } from './match-event-matches';
import { matchEventPlayers } from './match-event-players';
import { matchEventTeams } from './match-event-teams';

export { matchEventMatches, matchEventPlayers, matchEventTeams };

/** All joins that ship. A new join must be added here. */
export const shippedJoins: readonly Join[] = [
  matchEventPlayers,
  matchEventTeams,
  matchEventMatches,
];
