import { defineJoin } from '@sluice/event-schema';
import { matchEvent } from '../events';
import { players } from '../references';

/** A right join: players who did nothing that day have one row without an event. */
export const matchEventPlayers = defineJoin({
  name: 'match_event_players',
  description: 'Events with the player who did it, and players without events.',
  left: matchEvent,
  right: players,
  on: { left: 'playerid', right: 'wyid' },
  type: 'right',
  columns: {
    right: [
      'wyid',
      'shortname',
      'firstname',
      'lastname',
      'birthdate',
      'foot',
      'height',
      'weight',
      'role_name',
      'passportarea_name',
      'currentteamid',
    ],
  },
  rename: {
    right: {
      wyid: 'player_wyid',
      shortname: 'player_name',
      firstname: 'player_firstname',
      lastname: 'player_lastname',
      birthdate: 'player_birthdate',
      foot: 'player_foot',
      height: 'player_height',
      weight: 'player_weight',
      role_name: 'player_role',
      passportarea_name: 'player_country',
      currentteamid: 'player_currentteamid',
    },
  },
});
