import { defineJoin } from '@sluice/event-schema';
import { matchEvent } from '../events';
import { matches } from '../references';

/** An inner join: only events of known matches. Line-ups stay in the reference table. */
export const matchEventMatches = defineJoin({
  name: 'match_event_matches',
  description: 'Events of known matches, with the match.',
  left: matchEvent,
  right: matches,
  on: { left: 'matchid', right: 'wyid' },
  type: 'inner',
  columns: {
    right: [
      'label',
      'dateutc',
      'venue',
      'duration',
      'winner',
      'competitionid',
      'gameweek',
      'groupname',
    ],
  },
  rename: {
    right: {
      label: 'match_label',
      dateutc: 'match_dateutc',
      venue: 'match_venue',
      duration: 'match_duration',
      winner: 'match_winner',
      competitionid: 'match_competitionid',
      gameweek: 'match_gameweek',
      groupname: 'match_groupname',
    },
  },
});
