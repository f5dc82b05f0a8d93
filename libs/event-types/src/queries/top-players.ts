import { days, defineQuery } from '@sluice/event-schema';

export const topPlayers = defineQuery({
  name: 'top_players',
  description: 'The players with the most events of one kind; those with as many share a rank.',
  sql: `SELECT "rank", "player_wyid", "player_name", "player_role", "player_country", "events"
FROM (
  SELECT
    rank() OVER (ORDER BY count(*) DESC) AS "rank",
    "player_wyid", "player_name", "player_role", "player_country",
    count(*) AS "events"
  FROM "match_event_players"
  WHERE "dt" BETWEEN :from AND :to AND "eventname" = :event
  GROUP BY "player_wyid", "player_name", "player_role", "player_country"
) AS "ranked"
WHERE "rank" <= :top
ORDER BY "rank", "player_wyid"`,
  parameters: {
    ...days,
    event: {
      type: 'string',
      maxLength: 100,
      description: 'Pass, Duel, Shot and others.',
      default: 'Pass',
    },
    top: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 10,
      description: 'Ranks to answer.',
    },
  },
});
