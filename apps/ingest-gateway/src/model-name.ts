import type { EventType } from '@sluice/event-schema';

/**
 * `match_event` → `MatchEvent`: model names are letters and digits only
 * (docs.aws.amazon.com/apigateway/latest/api/API_CreateModel.html).
 */
export const modelName = ({ name }: EventType): string =>
  name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** The envelope of several events; "Batch" in front, so that the event type `x_batch` has another. */
export const batchModelName = (eventType: EventType): string => `BatchOf${modelName(eventType)}`;

/** @throws where two event types would share a model, naming both */
export function checkModelNames(eventTypes: readonly EventType[]): void {
  const owners = new Map<string, string>();
  for (const eventType of eventTypes)
    for (const model of [modelName(eventType), batchModelName(eventType)]) {
      const owner = owners.get(model);
      if (owner !== undefined)
        throw new Error(
          `the event types "${owner}" and "${eventType.name}" both need the model "${model}"; rename one of them`,
        );
      owners.set(model, eventType.name);
    }
}
