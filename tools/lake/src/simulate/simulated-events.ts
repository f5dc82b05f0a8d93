import { openSourceFile } from '@sluice/event-files';
import { sampleEvents } from '@sluice/event-types/samples';
import { randomInt, randomUUID } from 'node:crypto';
import { IngestError, type ListedEventType } from '../ingest/ingest-api';

type Event = Record<string, unknown>;

/** Returns the next event of one type, as JSON text. */
export type NextEvent = (options: { readonly fails: boolean }) => string;

/** Largest number of a file's events that are kept in memory, enough that their repetition is hardly noticed. */
const keptEvents = 10_000;

/** Makes up events of a type that ships with samples. */
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

/** Repeats the events of a file in their order. @throws IngestError, SourceFileError where it has none */
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

/**
 * Returns a function that gives an event a new identity, and removes its key if it is to fail. It changes the event.
 */
function renewal({ key, identity }: ListedEventType): (event: Event, fails: boolean) => string {
  // 32 bits, because an integer column may not hold more; larger than the identities of a new stack's made-up data.
  let nextInteger = randomInt(1_000_000_000, 2_000_000_000);
  return (event, fails) => {
    const place = identity === undefined ? undefined : holderOf(event, identity);
    if (place) {
      const { holder, name } = place;
      holder[name] = typeof holder[name] === 'number' ? nextInteger++ : randomUUID();
    }
    if (fails) {
      const { holder, name } = holderOf(event, key) ?? {};
      // JSON text omits members that are undefined.
      if (holder && name !== undefined) holder[name] = undefined;
    }
    return JSON.stringify(event);
  };
}

/** Returns the object that contains the last name of a path such as `user.id`; undefined where the event has none. */
function holderOf(event: Event, path: string): { holder: Event; name: string } | undefined {
  const steps = path.split('.');
  const name = steps.pop() ?? '';
  let holder: unknown = event;
  for (const step of steps) holder = (holder as Event | undefined)?.[step];
  return typeof holder === 'object' && holder !== null
    ? { holder: holder as Event, name }
    : undefined;
}
