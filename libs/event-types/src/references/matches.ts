import { Type } from '@sinclair/typebox';
import { defineReference } from '@sluice/event-schema';

/** Matches of the public soccer data set of Pappalardo et al. (Scientific Data 6, 236, 2019), as published. */
export const matches = defineReference({
  name: 'matches',
  description: 'Who met whom, when and where, and how it ended.',
  key: 'wyId',
  schema: Type.Object({
    wyId: Type.Integer({ description: 'Unique over all matches.' }),
    label: Type.String({ description: 'Portugal - France, 1 - 0 (E)' }),
    dateutc: Type.String({ description: 'Kick-off, UTC: 2016-07-10 19:00:00.' }),
    date: Type.String({ description: 'Kick-off in words, by local time.' }),
    venue: Type.String(),
    status: Type.String(),
    duration: Type.String({ description: 'Regular, ExtraTime or Penalties.' }),
    winner: Type.Integer({ description: 'wyId of the team; 0 for a draw.' }),
    competitionId: Type.Integer(),
    seasonId: Type.Integer(),
    roundId: Type.Integer(),
    gameweek: Type.Integer(),
    groupName: Type.String({ description: 'Empty after the group stage.' }),
    referees: Type.Array(Type.Object({ refereeId: Type.Integer(), role: Type.String() })),
    teamsData: Type.Record(Type.String(), Type.Unknown(), {
      description: 'By team id: score, coach and line-up.',
    }),
  }),
});
