import { Unexpected } from '@sluice/checks';
import type { EventType } from '@sluice/event-schema';
import pMap from 'p-map';

/** Number of event types that are tried at the same time; stages may have hundreds. */
const concurrency = 8;
const mostShown = 5;

/**
 * Tries something for each event type.
 *
 * @returns what was observed for each, or for how many
 * @throws Unexpected naming the event types that failed, each with what was observed
 */
export async function byEventType(
  eventTypes: readonly EventType[],
  attempt: (eventType: EventType) => Promise<string>,
): Promise<string> {
  const failures: string[] = [];
  const observed = await pMap(
    eventTypes,
    async (eventType) => {
      try {
        return `${eventType.name}: ${await attempt(eventType)}`;
      } catch (error) {
        failures.push(`${eventType.name}: ${(error as Error).message}`);
        return '';
      }
    },
    { concurrency },
  );
  if (failures.length > 0) throw new Unexpected(someOf(failures));
  return someOf(observed);
}

const someOf = (texts: readonly string[]): string =>
  texts.slice(0, mostShown).join('; ') +
  (texts.length > mostShown ? `; and ${texts.length - mostShown} more` : '');
