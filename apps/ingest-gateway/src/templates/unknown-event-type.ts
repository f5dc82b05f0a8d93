import { jsonSafe } from './escaping';

/** The answer for an event type that is not deployed: what was asked for, and where the known ones stand. */
export const unknownEventTypeResponse = `
{
  "message": "There is no event type \\"${jsonSafe("$input.params('event_type')")}\\". GET /v1/events lists those that exist.",
  "requestId": "$context.requestId"
}`.trimStart();
