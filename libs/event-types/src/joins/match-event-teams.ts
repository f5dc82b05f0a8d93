import { defineJoin } from '@sluice/event-schema';
import { matchEvent } from '../events';
import { teams } from '../references';

/** A left join: every event is kept, whether or not its team is known. */
export const matchEventTeams = defineJoin({
  name: 'match_event_teams',
  description: 'Every event, with its team where the team is known.',
  left: matchEvent,
  right: teams,
  on: { left: 'teamid', right: 'wyid' },
  type: 'left',
  rename: {
    right: {
      wyid: 'team_wyid',
      name: 'team_name',
      officialname: 'team_officialname',
      city: 'team_city',
      area_id: 'team_area_id',
      area_name: 'team_area_name',
      area_alpha2code: 'team_area_alpha2code',
      area_alpha3code: 'team_area_alpha3code',
      type: 'team_type',
    },
  },
});
