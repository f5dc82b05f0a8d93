import { days, defineQuery } from '@sluice/event-schema';

export const eventsOfPlayer = defineQuery({
  name: 'events_of_player',
  description: 'What a player did, match by match.',
  sql: `SELECT "dt", "matchid", "matchperiod", "eventsec", "eventname", "subeventname", "teamid", "id"
FROM "match_event"
WHERE "playerid" = :id AND "dt" BETWEEN :from AND :to
ORDER BY "dt", "matchid", "matchperiod", "eventsec", "id"`,
  parameters: { id: { type: 'integer', description: "The player's wyId." }, ...days },
});
