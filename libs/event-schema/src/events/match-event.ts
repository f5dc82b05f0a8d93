import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event';

/**
 * What happened on the pitch, as the public soccer data set of Pappalardo et al. records it
 * (Scientific Data 6, 236, 2019). `playerId`, `teamId` and `matchId` join the reference tables.
 */
export const matchEvent = defineEvent({
  name: 'match_event',
  version: '1.0.0',
  description: 'One event of a soccer match: a pass, a duel, a shot.',
  key: 'id',
  identity: 'id',
  schema: Type.Object({
    id: Type.Integer({ description: 'Unique over all matches.' }),
    eventId: Type.Integer({ description: 'Kind of event.' }),
    eventName: Type.String(),
    subEventId: Type.Union([Type.Integer(), Type.String()], {
      description: 'Kind of sub-event; the empty string where there is none.',
    }),
    subEventName: Type.String(),
    playerId: Type.Integer(),
    teamId: Type.Integer(),
    matchId: Type.Integer(),
    matchPeriod: Type.String({ description: '1H, 2H, E1, E2 or P.' }),
    eventSec: Type.Number({ description: 'Seconds since the period began.' }),
    positions: Type.Array(Type.Object({ x: Type.Integer(), y: Type.Integer() }), {
      description: 'From and to, in percent of the pitch, seen by the attacking team.',
    }),
    tags: Type.Array(Type.Object({ id: Type.Integer() })),
  }),
});
