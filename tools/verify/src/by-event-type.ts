import { NotApplicable, Unexpected } from '@sluice/checks';
import type { EventType } from '@sluice/event-schema';
import pMap from 'p-map';

/** Number of event types that are tried at the same time; stages may have hundreds. */
const concurrency = 8;
const maxShown = 5;

/**
 * Tries something for each event type. Event types for which it can't be tried are left out.
 *
 * @returns what was observed for each, or for how many
 * @throws Unexpected naming the event types that failed, each with what was observed; NotApplicable where it could be
 * tried for none
 */
export async function byEventType(
  eventTypes: readonly EventType[],
  attempt: (eventType: EventType) => Promise<string>,
): Promise<string> {
  const observed: string[] = [];
  const leftOut: string[] = [];
  const failures: string[] = [];
  await pMap(
    eventTypes,
    async (eventType) => {
      const text = (seen: string): string => `${eventType.name}: ${seen}`;
      try {
        observed.push(text(await attempt(eventType)));
      } catch (error) {
        const texts = error instanceof NotApplicable ? leftOut : failures;
        texts.push(text((error as Error).message));
      }
    },
    { concurrency },
  );
  if (failures.length > 0) throw new Unexpected(someOf(failures));
  if (observed.length === 0 && leftOut.length > 0) throw new NotApplicable(someOf(leftOut));
  return someOf([...observed, ...leftOut]);
}

const someOf = (texts: readonly string[]): string =>
  texts.slice(0, maxShown).join('; ') +
  (texts.length > maxShown ? `; and ${texts.length - maxShown} more` : '');
