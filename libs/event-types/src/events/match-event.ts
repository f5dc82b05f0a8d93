import { Type } from '@sinclair/typebox';
import { defineEvent } from '@sluice/event-schema';

/**
 * An event on the pitch, as the public soccer data set of Pappalardo et al. records it (Scientific Data 6, 236,
 * 2019). `playerId`, `teamId` and `matchId` join the reference tables.
 */
export const matchEvent = defineEvent({
  name: 'match_event',
  version: '1.0.0',
  description: 'One event of a soccer match: a pass, a duel, a shot.',
  key: 'id',
  identity: 'id',
  schema: Type.Object({
    id: Type.Integer({ description: 'Unique over all matches.' }),
    eventId: Type.Integer({ description: 'Kind of event; eventName says it in words.' }),
    eventName: Type.String({ description: 'Kind of event: Pass, Duel, Shot and others.' }),
    subEventId: Type.Union([Type.Integer(), Type.String()], {
      description: 'Kind of sub-event; the empty string where there is none.',
    }),
    subEventName: Type.String({
      description:
        'Kind of sub-event: Simple pass, Air duel and others; empty where there is none.',
    }),
    playerId: Type.Integer({ description: 'Who did it; 0 where no player did.' }),
    teamId: Type.Integer({ description: "The player's team." }),
    matchId: Type.Integer({ description: 'The match it happened in.' }),
    matchPeriod: Type.String({
      description: '1H and 2H are the halves, E1 and E2 extra time, P the penalties.',
    }),
    eventSec: Type.Number({ description: 'Seconds since the period began.' }),
    positions: Type.Array(Type.Object({ x: Type.Integer(), y: Type.Integer() }), {
      description: 'From and to, in percent of the pitch, seen by the attacking team.',
    }),
    tags: Type.Array(Type.Object({ id: Type.Integer() }), {
      description: 'What else is true of it: accurate, goal, with the left foot.',
    }),
  }),
});
