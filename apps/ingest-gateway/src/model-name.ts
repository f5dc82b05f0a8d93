import type { EventType } from '@sluice/event-schema';

/**
 * Returns the name of an event type's model, which may have letters and digits only: `match_event` → `MatchEvent`
 * (docs.aws.amazon.com/apigateway/latest/api/API_CreateModel.html).
 */
export const modelName = ({ name }: EventType): string =>
  name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/**
 * Returns the name of the model of a batch. "Batch" comes first, so that an event type named `x_batch` has another
 * name.
 */
export const batchModelName = (eventType: EventType): string => `BatchOf${modelName(eventType)}`;

/** Checks that all model names differ. @throws where two event types would share a model, naming both */
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
