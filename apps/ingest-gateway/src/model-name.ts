import type { EventType } from '@sluice/event-schema';

/**
 * `match_event` → `MatchEvent`: model names are letters and digits only
 * (docs.aws.amazon.com/apigateway/latest/api/API_CreateModel.html). Two event types can give one name.
 */
export const modelName = (eventType: EventType): string =>
  eventType.name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
