import { openSourceFile } from '@sluice/event-files';
import { sampleEvents } from '@sluice/event-types/samples';
import { randomInt, randomUUID } from 'node:crypto';
import { IngestError, type ListedEventType } from '../ingest/ingest-api';

type Event = Record<string, unknown>;

/** Makes the next event of one type, as JSON text. */
export type NextEvent = (options: { readonly fails: boolean }) => string;

/** Events of a file that are kept in memory, at most: enough that nobody sees them come again. */
const keptEvents = 10_000;

/** Makes events up, for a type that ships with samples. */
export function madeUpEvents(eventType: ListedEventType): NextEvent {
  const events = sampleEvents(eventType.name, {
    count: Infinity,
    seed: randomInt(2 ** 31),
    startAt: new Date(),
  });
  const renew = renewal(eventType);
  return ({ fails }) => {
    const { value } = events.next() as { readonly value: Event };
    return renew(value, fails);
  };
}

/** Takes the events of a file, again and again in their order. @throws IngestError, SourceFileError where it holds none */
export async function eventsOfFile(file: string, eventType: ListedEventType): Promise<NextEvent> {
  const events: Event[] = [];
  for await (const { text } of (await openSourceFile(file)).texts()) {
    const event = parsed(text);
    if (event) events.push(event);
    if (events.length === keptEvents) break;
  }
  if (events.length === 0) throw new IngestError(`${file} holds no JSON object`);
  const renew = renewal(eventType);
  let next = 0;
  return ({ fails }) => renew(structuredClone(events[next++ % events.length] as Event), fails);
}

function parsed(text: string): Event | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Event)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Returns what makes an event new: its identity, and where it is to fail, its key taken away. The event is changed. */
function renewal({ key, identity }: ListedEventType): (event: Event, fails: boolean) => string {
  // Of 32 bits, as a column of integers may have no more; above those of the made-up data that a stack begins with.
  let nextInteger = randomInt(1_000_000_000, 2_000_000_000);
  return (event, fails) => {
    const place = identity === undefined ? undefined : holderOf(event, identity);
    if (place) {
      const { holder, name } = place;
      holder[name] = typeof holder[name] === 'number' ? nextInteger++ : randomUUID();
    }
    if (fails) {
      const { holder, name } = holderOf(event, key) ?? {};
      // A member that is undefined is left out of the text.
      if (holder && name !== undefined) holder[name] = undefined;
    }
    return JSON.stringify(event);
  };
}

/** Returns the object that holds what a path such as `user.id` names; undefined where the event has none. */
function holderOf(event: Event, path: string): { holder: Event; name: string } | undefined {
  const steps = path.split('.');
  const name = steps.pop() ?? '';
  let holder: unknown = event;
  for (const step of steps) holder = (holder as Event | undefined)?.[step];
  return typeof holder === 'object' && holder !== null
    ? { holder: holder as Event, name }
    : undefined;
}
