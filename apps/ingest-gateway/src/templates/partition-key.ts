import { eventColumns, pathText, type EventType } from '@sluice/event-schema';

/** Longest partition key in characters (docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html). */
export const maxPartitionKeyLength = 256;

/**
 * Returns the steps of a JSON path from an event to its key: `.actor.id`, `['content-type']`. Undefined where a name
 * contains a character with a meaning in VTL or JsonPath; such events are distributed by request id.
 */
export function keyPathSteps(eventType: EventType): string | undefined {
  const column = eventColumns(eventType).find(({ path }) => pathText(path) === eventType.key);
  const names = column?.path ?? [eventType.key];
  const steps = names.map((name) => {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `.${name}`;
    return /['"\\$#]|[^\x20-\x7e]/.test(name) ? undefined : `['${name}']`;
  });
  return steps.every((step) => step !== undefined) ? steps.join('') : undefined;
}
